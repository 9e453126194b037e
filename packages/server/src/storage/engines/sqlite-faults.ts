import type { UnavailableCause } from './faults.ts';
import { StatementFault, type FaultReason } from './statement-fault.ts';

/** Primary result codes, https://www.sqlite.org/rescode.html */
const unavailable: ReadonlyMap<number, UnavailableCause> = new Map([
  [3, 'io'], // PERM
  [5, 'busy'], // BUSY
  [6, 'busy'], // LOCKED
  [7, 'io'], // NOMEM
  [8, 'read_only'], // READONLY
  [10, 'io'], // IOERR
  [11, 'io'], // CORRUPT
  [13, 'full'], // FULL
  [14, 'io'], // CANTOPEN
  [15, 'busy'], // PROTOCOL
  [26, 'io'], // NOTADB
]);
/** Extended result codes of a broken unique index or primary key. */
const takenCodes: ReadonlySet<number> = new Set([1555, 2067, 2579]);

/** Of the file system, where the file itself cannot be opened. */
const fileCauses: ReadonlyMap<string, UnavailableCause> = new Map([
  ['EROFS', 'read_only'],
  ['EACCES', 'read_only'],
  ['ENOSPC', 'full'],
  ['EDQUOT', 'full'],
  ['ENOENT', 'io'],
  ['EIO', 'io'],
  ['ERR_INVALID_STATE', 'closed'],
]);

const resultCode = (error: object): number | undefined =>
  'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined;

export const isDriverError = (error: unknown): error is Error =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number';

/** Another connection holds the lock; it may be free the next moment. */
export const isBusy = (error: unknown): boolean =>
  isDriverError(error) && ((resultCode(error) ?? 0) & 0xff) === 5;

/** What an error means, as plain data that one thread can tell another. */
export type SqliteFault =
  { readonly cause: UnavailableCause } | { readonly reason: FaultReason; readonly driverCode: string };

/** The one place where an error of node:sqlite is read. */
export const readFault = (error: unknown): SqliteFault => {
  if (error instanceof StatementFault) return { reason: error.reason, driverCode: error.driverCode };
  if (!(error instanceof Error)) return { reason: 'refused', driverCode: 'unknown' };
  const code = resultCode(error);
  if (code === undefined) {
    const name = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
    const cause = fileCauses.get(name);
    return cause === undefined ? { reason: 'refused', driverCode: name } : { cause };
  }
  if (takenCodes.has(code)) return { reason: 'taken', driverCode: `SQLite ${code}` };
  const cause = unavailable.get(code & 0xff);
  return cause === undefined ? { reason: 'refused', driverCode: `SQLite ${code}` } : { cause };
};

/**
 * The same of a commit: one that fails of the disk may have written all of the transaction into the log and not
 * be known to have flushed it; after a crash it is there.
 */
export const readCommitFault = (error: unknown): SqliteFault => {
  const fault = readFault(error);
  return 'cause' in fault && fault.cause === 'io' ? { cause: 'unsure' } : fault;
};
