// Plain of everything else: the thread that appends loads it.

/**
 * What a driver's error means. `taken`: a unique index refused the row. `conflict`: the transaction lost
 * against another and may run again. `unavailable`: the engine cannot serve now. `refused`: the rest.
 */
export type FaultReason = 'taken' | 'conflict' | 'unavailable' | 'refused';

/** A statement the engine did not run. Carries the driver's code only: its text may quote values. */
export class StatementFault extends Error {
  readonly reason: FaultReason;
  readonly driverCode: string;

  constructor(reason: FaultReason, driverCode: string) {
    super(`The database refused a statement (${driverCode}).`);
    this.name = 'StatementFault';
    this.reason = reason;
    this.driverCode = driverCode;
  }
}

/** A row that was to change was not as it had been read where this fails: another transaction was faster. */
export const expectOneChanged = (changed: number): void => {
  if (changed !== 1) throw new StatementFault('conflict', 'changed meanwhile');
};
