import { CofferError } from '../domain/errors.ts';
import type { BatchScope, CommitOptions, Stores } from '../domain/stores.ts';
import { storageUnavailable } from './engines/faults.ts';
import type { BatchSession } from './engines/savepoint.ts';
import { StatementFault, type FaultReason } from './engines/statement-fault.ts';

const maxBatch = 256;
const maxAttempts = 6;
/** A row that stands in the way after so many tries was not written by a faster process just now. */
const takenAttempts = 3;
const firstPauseMs = 5;

type Job<Scope> = (stores: Stores, scope: Scope) => Promise<unknown>;

interface Waiting<Scope extends BatchScope> {
  readonly job: Job<Scope>;
  readonly options: CommitOptions<Scope>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  outcome: { readonly result: unknown } | { readonly error: unknown } | undefined;
}

export interface CommitQueue<Scope extends BatchScope> {
  /** See `Database.commit`. */
  commit<Result>(
    job: (stores: Stores, scope: Scope) => Promise<Result>,
    options?: CommitOptions<Scope>,
  ): Promise<Result>;
  /** Runs between two batches, outside any transaction. */
  runAlone<Result>(act: () => Promise<Result>): Promise<Result>;
  /** Takes nothing more, and settles when everything taken is answered. */
  drain(): Promise<void>;
}

/** The batch lost against another transaction and may run again. */
class BatchConflict extends Error {}

/** A statement failed on which more hung than its own job: each job has to answer for itself. */
class BatchLost extends Error {}

const hasReason = (error: unknown, reason: FaultReason): boolean =>
  error instanceof StatementFault && error.reason === reason;

const isConflict = (error: unknown): boolean =>
  error instanceof BatchConflict || hasReason(error, 'conflict');

/** What a batch that was not done tells everyone in it. */
const asUnavailable = (error: unknown): CofferError =>
  error instanceof CofferError && error.code === 'storage_unavailable'
    ? error
    : storageUnavailable('io', error);

/** Waits for all of them also where one fails, so that none goes on in the next transaction. */
const readAhead = async <Scope extends BatchScope>(
  batch: readonly Waiting<Scope>[],
  stores: Stores,
  scope: Scope,
): Promise<void> => {
  const read = await Promise.allSettled(batch.map(async ({ options }) => options.readAhead?.(stores, scope)));
  for (const one of read) if (one.status === 'rejected') throw one.reason;
};

/** Both only append, and both read ahead or neither does: writes and starts rest on each other's rows. */
const appendsLike = <Scope extends BatchScope>(one: Waiting<Scope>, other: Waiting<Scope> | undefined) =>
  one.options.onlyAppends === true &&
  (one.options.readAhead === undefined) === (other?.options.readAhead === undefined);

/** A session that batches run in, and the stores over it. */
export interface Lane {
  readonly session: BatchSession;
  readonly stores: Stores;
}

/**
 * Jobs that arrive together share a transaction and one flush to disk; while a batch runs, the next one
 * gathers. A failed job takes back only what it wrote itself. A batch of jobs that only append goes through
 * the lane `appending` where there is one; if it loses against another process, it runs again in `writing`.
 */
export const createCommitQueue = <Scope extends BatchScope>(
  lanes: { readonly writing: Lane; readonly appending: Lane | undefined },
  openScope: (stores: Stores) => Scope,
): CommitQueue<Scope> => {
  let gathered: Waiting<Scope>[] = [];
  let alone: (() => Promise<void>)[] = [];
  let active = false;
  let closed = false;
  let whenIdle: (() => void)[] = [];
  /** A batch that is on disk. Its answers may be given while the next batch is on its way there. */
  let unanswered: readonly Waiting<Scope>[] = [];

  const giveAnswers = (): void => {
    const batch = unanswered;
    unanswered = [];
    for (const { outcome, resolve, reject } of batch) {
      if (outcome === undefined) reject(storageUnavailable('io'));
      else if ('error' in outcome) reject(outcome.error);
      else resolve(outcome.result);
    }
  };

  const runJob = async (
    { session, stores }: Lane,
    waiting: Waiting<Scope>,
    { scope, attempt }: { scope: Scope; attempt: number },
  ): Promise<void> => {
    const mark = scope.mark();
    session.savepoint();
    try {
      waiting.outcome = { result: await waiting.job(stores, scope) };
      session.releaseSavepoint();
    } catch (error) {
      // A unique index that refuses what the job did not expect to be there: another process was faster.
      if (hasReason(error, 'taken') && attempt < takenAttempts) throw new BatchConflict();
      if (isConflict(error) || session.fault !== undefined) throw error;
      waiting.outcome = { error };
      scope.rollbackTo(mark);
      await session.rollbackToSavepoint();
      waiting.options.afterFailure?.(error, scope);
    }
    if (session.fault === 'conflict') throw new BatchConflict();
    if (session.fault === 'lost') throw new BatchLost();
    if (session.fault === 'unavailable') throw storageUnavailable('io');
  };

  const laneOf = (batch: readonly Waiting<Scope>[], attempt = 1): Lane =>
    attempt === 1 && lanes.appending !== undefined && batch.every((one) => appendsLike(one, batch[0]))
      ? lanes.appending
      : lanes.writing;

  const tryBatch = async (
    batch: readonly Waiting<Scope>[],
    { attempt, isCareful }: { attempt: number; isCareful: boolean },
  ): Promise<void> => {
    const lane = laneOf(batch, attempt);
    const { session, stores } = lane;
    await session.begin(isCareful);
    try {
      const scope = openScope(stores);
      await scope.lock(new Set(batch.flatMap(({ options }) => options.chains ?? [])));
      if (!isCareful) await readAhead(batch, stores, scope);
      for (const waiting of batch) await runJob(lane, waiting, { scope, attempt });
      await scope.flush();
      const durable = session.commit();
      giveAnswers();
      await durable;
      scope.committed();
    } catch (error) {
      await session.rollback();
      // Two processes that both took the next place of a chain: the slower one looks again.
      if (session.fault === 'conflict' || hasReason(error, 'taken')) throw new BatchConflict();
      throw session.fault === 'lost' || hasReason(error, 'refused') ? new BatchLost() : error;
    }
  };

  const runBatch = async (batch: readonly Waiting<Scope>[]): Promise<void> => {
    let isCareful = false;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await tryBatch(batch, { attempt, isCareful });
        break;
      } catch (error) {
        giveAnswers();
        if (error instanceof BatchLost && !isCareful) {
          isCareful = true;
          continue;
        }
        if (!isConflict(error) || attempt === maxAttempts) {
          const reason = isConflict(error) ? storageUnavailable('busy') : asUnavailable(error);
          for (const { reject } of batch) reject(reason);
          return;
        }
        // The other lane waits for the lock by itself.
        if (laneOf(batch, attempt) === lanes.appending) continue;
        const pauseMs = firstPauseMs * 2 ** attempt * Math.random();
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
    giveAnswers();
    unanswered = batch;
  };

  const turn = async (): Promise<void> => {
    const errands = alone;
    alone = [];
    if (errands.length > 0) giveAnswers();
    for (const errand of errands) await errand();
    if (gathered.length > 0) {
      const batch = gathered.length <= maxBatch ? gathered : gathered.slice(0, maxBatch);
      gathered = gathered.length <= maxBatch ? [] : gathered.slice(maxBatch);
      if (laneOf(batch) === lanes.writing) giveAnswers();
      await runBatch(batch);
    }
    if (gathered.length > 0 || alone.length > 0) {
      setImmediate(() => void turn());
      return;
    }
    giveAnswers();
    active = false;
    for (const settle of whenIdle) settle();
    whenIdle = [];
  };

  const wake = (): void => {
    if (active) return;
    active = true;
    setImmediate(() => void turn());
  };

  return {
    commit<Result>(
      job: (stores: Stores, scope: Scope) => Promise<Result>,
      options: CommitOptions<Scope> = {},
    ) {
      if (closed) return Promise.reject<Result>(storageUnavailable('closed'));
      return new Promise<Result>((resolve, reject) => {
        gathered.push({
          job,
          options,
          // The outcome is this job's own result, so it has the job's type.
          resolve: (result) => resolve(result as Result),
          reject,
          outcome: undefined,
        });
        wake();
      });
    },
    runAlone<Result>(act: () => Promise<Result>) {
      if (closed) return Promise.reject<Result>(storageUnavailable('closed'));
      return new Promise<Result>((resolve, reject) => {
        alone.push(() => act().then(resolve, reject));
        wake();
      });
    },
    drain() {
      closed = true;
      return active ? new Promise<void>((resolve) => whenIdle.push(resolve)) : Promise.resolve();
    },
  };
};
