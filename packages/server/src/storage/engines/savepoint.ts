import type { Answer, Session, SqlValue, TransactionFault, WriteSession } from './engine.ts';
import { StatementFault } from './statement-fault.ts';

/** Whether a compiled statement may change rows. Kysely writes reads as `select` and nothing else. */
export const isWrite = (text: string): boolean => !text.startsWith('select ');

/** A transaction on its way to the disk. But for `Engine.appender`, the next one begins once it is there. */
export interface Sent {
  /** Throws once the transaction is undone: a StatementFault, or `storage_unavailable` where it may be durable. */
  readonly durable: Promise<void>;
}

/** How a batch of jobs runs: they take turns; what a failed one did is undone, what was done before it stays. */
export interface BatchSession {
  /** `isCareful`: a savepoint before whatever a job does, so that no failure of a job is one of the batch. */
  begin(isCareful: boolean): Promise<void>;
  /** Sends the transaction off. Where it throws, nothing was sent, and the transaction is still open. */
  commit(): Promise<Sent>;
  rollback(): Promise<void>;
  /**
   * Where `rollbackToSavepoint` goes back to. It is set together with the next statement that writes: a job
   * that only reads costs nothing, and row locks taken before its first write outlive its failure.
   */
  savepoint(): void;
  /** What was done since is kept. The database hears of it with the next savepoint, or with the commit. */
  releaseSavepoint(): void;
  rollbackToSavepoint(): Promise<void>;
  /** `lost`: a statement failed outside a savepoint, and the engine does nothing further of the transaction. */
  readonly fault: TransactionFault | 'lost' | undefined;
}

/** A write session that batches run in. */
export interface JobSession extends Session, BatchSession {
  /** Whether the job has a savepoint to go back to. */
  readonly isSavepointSet: boolean;
  /** For what belongs to the jobs before: no savepoint is set for it. */
  readonly outside: Session;
}

/** A session that goes back to its savepoint by forgetting what it has not sent yet. */
export const withoutSavepoints = (session: Session & BatchSession): JobSession => ({
  execute: (text, parameters) => session.execute(text, parameters),
  executeEach: (text, lists) => session.executeEach(text, lists),
  changeOne: (text, parameters) => session.changeOne(text, parameters),
  outside: session,
  isSavepointSet: false,
  get fault() {
    return session.fault;
  },
  begin: (isCareful) => session.begin(isCareful),
  commit: () => session.commit(),
  rollback: () => session.rollback(),
  savepoint: () => session.savepoint(),
  releaseSavepoint: () => session.releaseSavepoint(),
  rollbackToSavepoint: () => session.rollbackToSavepoint(),
});

export const withSavepoints = (session: WriteSession, failureEndsTransaction: boolean): JobSession => {
  let state: 'none' | 'due' | 'set' = 'none';
  /** A savepoint of an earlier job, which nobody goes back to. */
  let isLeft = false;
  let isCareful = false;
  let isLost = false;
  /** A statement of a transaction that was given up may fail only after the next one has begun. */
  let transaction = 0;

  const control = (text: string): Promise<Answer> => session.execute(text, []);

  const watch = async <Result>(running: Promise<Result>, isSet: boolean): Promise<Result> => {
    const itsTransaction = transaction;
    try {
      return await running;
    } catch (error) {
      const isOfNow = itsTransaction === transaction;
      if (failureEndsTransaction && !isSet && isOfNow && error instanceof StatementFault) isLost = true;
      throw error;
    }
  };

  /** Sent ahead of the statement it is for, without waiting in between. */
  const set = async (): Promise<void> => {
    const texts = isLeft ? ['release savepoint job', 'savepoint job'] : ['savepoint job'];
    isLeft = false;
    state = 'set';
    await Promise.all(texts.map(control));
  };

  const commit = async (): Promise<void> => {
    try {
      await session.commit();
    } catch (error) {
      const lostAgainstAnother = session.fault === 'conflict';
      await session.rollback();
      throw lostAgainstAnother ? new StatementFault('conflict', 'commit') : error;
    }
  };

  const run = <Result>(text: string, act: () => Promise<Result>): Promise<Result> => {
    if (state !== 'due' || !(isCareful || isWrite(text))) return watch(act(), state === 'set');
    const setting = set();
    return watch(
      Promise.all([act(), setting]).then(([result]) => result),
      true,
    );
  };

  return {
    outside: {
      execute: (text, parameters) => watch(session.execute(text, parameters), false),
      executeEach: (text, lists) => watch(session.executeEach(text, lists), false),
      changeOne: (text, parameters) => watch(session.changeOne(text, parameters), false),
    },
    execute: (text: string, parameters: readonly SqlValue[]) =>
      run(text, () => session.execute(text, parameters)),
    executeEach: (text, lists) => run(text, () => session.executeEach(text, lists)),
    changeOne: (text, parameters) => run(text, () => session.changeOne(text, parameters)),
    get fault() {
      return session.fault ?? (isLost ? 'lost' : undefined);
    },
    get isSavepointSet() {
      return state === 'set';
    },
    begin(careful) {
      state = 'none';
      isLeft = false;
      isLost = false;
      transaction += 1;
      isCareful = careful;
      return session.begin();
    },
    commit: () => Promise.resolve({ durable: commit() }),
    rollback: () => session.rollback(),
    savepoint() {
      state = 'due';
    },
    releaseSavepoint() {
      if (state === 'set') isLeft = true;
      state = 'none';
    },
    async rollbackToSavepoint() {
      if (state === 'set') {
        await Promise.all([control('rollback to savepoint job'), control('release savepoint job')]);
      }
      state = 'none';
    },
  };
};
