import type { BatchScope, CommitOptions, Stores } from '../domain/stores.ts';
import { storageUnavailable } from './engines/faults.ts';
import type { BatchSession } from './engines/savepoint.ts';
import { StatementFault, type FaultReason } from './engines/statement-fault.ts';

/** A row that stands in the way after so many tries was not written by a faster process just now. */
const takenAttempts = 3;

/** A job with what it answers, and where the answer goes. */
export interface Waiting<Scope extends BatchScope> {
  readonly job: (stores: Stores, scope: Scope) => Promise<unknown>;
  readonly options: CommitOptions<Scope>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  outcome: { readonly result: unknown } | { readonly error: unknown } | undefined;
}

export type Batch<Scope extends BatchScope> = readonly Waiting<Scope>[];

/** A session that batches run in, and the stores over it. */
export interface Lane {
  readonly session: BatchSession;
  readonly stores: Stores;
}

/** How often a batch was tried; `isCareful`: each of its jobs answers for itself. */
export interface Try {
  readonly attempt: number;
  readonly isCareful: boolean;
}

/** A batch on its way to the disk. `durable` fails where it is not known to have got there. */
export interface Flight<Scope extends BatchScope> {
  readonly batch: Batch<Scope>;
  readonly scope: Scope;
  readonly durable: Promise<void>;
}

/** The batch lost against another transaction and may run again. */
class BatchConflict extends Error {}

/** A statement failed on which more hung than its own job: each job has to answer for itself. */
class BatchLost extends Error {}

const hasReason = (error: unknown, reason: FaultReason): boolean =>
  error instanceof StatementFault && error.reason === reason;

const isConflict = (error: unknown): boolean =>
  error instanceof BatchConflict || hasReason(error, 'conflict');

/** What the failure of a batch as a whole asks for: another try, one job after another, or to give up. */
export const failureOf = (error: unknown): 'conflict' | 'lost' | 'unavailable' => {
  // Two processes that both took the next place of a chain: the slower one looks again.
  if (isConflict(error) || hasReason(error, 'taken')) return 'conflict';
  return error instanceof BatchLost || hasReason(error, 'refused') ? 'lost' : 'unavailable';
};

/** Waits for all of them also where one fails, so that none goes on in the next transaction. */
const readAhead = async <Scope extends BatchScope>(
  batch: Batch<Scope>,
  stores: Stores,
  scope: Scope,
): Promise<void> => {
  const read = await Promise.allSettled(batch.map(async ({ options }) => options.readAhead?.(stores, scope)));
  for (const one of read) if (one.status === 'rejected') throw one.reason;
};

const runJob = async <Scope extends BatchScope>(
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

/**
 * Runs the jobs of a batch and sends its transaction off. Throws what the batch failed of once the
 * transaction is undone; so does `durable`.
 */
export const sendBatch = async <Scope extends BatchScope>(
  lane: Lane,
  batch: Batch<Scope>,
  { scope, attempt, isCareful }: Try & { readonly scope: Scope },
): Promise<Flight<Scope>> => {
  const { session, stores } = lane;
  await session.begin(isCareful);
  try {
    await scope.lock(new Set(batch.flatMap(({ options }) => options.chains ?? [])));
    if (!isCareful) await readAhead(batch, stores, scope);
    for (const waiting of batch) await runJob(lane, waiting, { scope, attempt });
    await scope.flush();
    const { durable } = await session.commit();
    // Whoever waits for it may come only later.
    durable.catch(() => undefined);
    return { batch, scope, durable };
  } catch (error) {
    await session.rollback();
    if (session.fault === 'conflict' || hasReason(error, 'taken')) throw new BatchConflict();
    throw session.fault === 'lost' ? new BatchLost() : error;
  }
};
