import { CofferError } from '../domain/errors.ts';
import type { BatchScope, CommitOptions, Stores } from '../domain/stores.ts';
import { failureOf, sendBatch, type Batch, type Flight, type Lane, type Try, type Waiting } from './batch.ts';
import { storageUnavailable } from './engines/faults.ts';

const maxBatch = 256;
/** So many jobs are worth two batches where one can be on its way while the other runs. */
const worthTwoBatches = 16;
const maxAttempts = 6;
const firstPauseMs = 5;

/** Opens the scope of a batch, which begins where the batch `after` ends that is not on disk yet. */
export type OpenScope<Scope extends BatchScope> = (stores: Stores, after?: Scope) => Scope;

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

/** What a batch that was not done tells everyone in it. */
const asUnavailable = (error: unknown): CofferError => {
  if (failureOf(error) === 'conflict') return storageUnavailable('busy');
  return error instanceof CofferError && error.code === 'storage_unavailable'
    ? error
    : storageUnavailable('io', error);
};

const refuse = <Scope extends BatchScope>(batch: Batch<Scope>, error: unknown): void => {
  for (const { reject } of batch) reject(asUnavailable(error));
};

/** The batch is durable: each job gets its own result. Whoever waits for it goes on after `committed`. */
const confirm = <Scope extends BatchScope>(batch: Batch<Scope>, scope: Scope): void => {
  for (const { outcome, resolve, reject } of batch) {
    if (outcome === undefined) reject(storageUnavailable('io'));
    else if ('error' in outcome) reject(outcome.error);
    else resolve(outcome.result);
  }
  scope.committed();
};

/** Both only append, and both read ahead or neither does: writes and starts rest on each other's rows. */
const appendsLike = <Scope extends BatchScope>(one: Waiting<Scope>, other: Waiting<Scope> | undefined) =>
  one.options.onlyAppends === true &&
  (one.options.readAhead === undefined) === (other?.options.readAhead === undefined);

/**
 * Jobs that arrive together share a transaction and one flush to disk; while a batch runs, the next one
 * gathers. A failed job takes back only what it wrote itself.
 *
 * A batch of jobs that only append goes through the lane `appending` where there is one. It runs while the
 * one before it is on its way to the disk, from where that one left the scope; at most two are under way.
 * If the first does not get there, neither does the second, as it rests on it: both then run again in
 * `writing`, one after the other, as does what lost against another process.
 */
export const createCommitQueue = <Scope extends BatchScope>(
  lanes: { readonly writing: Lane; readonly appending: Lane | undefined },
  openScope: OpenScope<Scope>,
): CommitQueue<Scope> => {
  let gathered: Waiting<Scope>[] = [];
  let alone: (() => Promise<void>)[] = [];
  let active = false;
  let closed = false;
  let whenIdle: (() => void)[] = [];
  let whenGathered: (() => void) | undefined;
  /** A batch that only appends, on its way to the disk. */
  let flight: Flight<Scope> | undefined;

  /** Runs a batch in `writing` until it is done or given up. */
  const write = async (batch: Batch<Scope>, first: Try = { attempt: 1, isCareful: false }): Promise<void> => {
    for (let { attempt, isCareful } = first; ; attempt += 1) {
      const scope = openScope(lanes.writing.stores);
      try {
        const sent = await sendBatch(lanes.writing, batch, { scope, attempt, isCareful });
        await sent.durable;
      } catch (error) {
        const failure = failureOf(error);
        if (failure === 'lost' && !isCareful) {
          isCareful = true;
          continue;
        }
        if (failure !== 'conflict' || attempt === maxAttempts) {
          refuse(batch, error);
          return;
        }
        const pauseMs = firstPauseMs * 2 ** attempt * Math.random();
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
        continue;
      }
      confirm(batch, scope);
      return;
    }
  };

  /** What did not get through the lane `appending` waits for the lock in the other one. */
  const writeInstead = async (batch: Batch<Scope>, error: unknown): Promise<void> => {
    const failure = failureOf(error);
    if (failure === 'unavailable') refuse(batch, error);
    else await write(batch, { attempt: 2, isCareful: failure === 'lost' });
  };

  /** Waits for a batch that was sent, and answers it. */
  const land = async (landing: Flight<Scope>): Promise<void> => {
    if (flight === landing) flight = undefined;
    try {
      await landing.durable;
    } catch (error) {
      // What was sent after it fails with it, and must be known to have before this one runs again.
      await flight?.durable.catch(() => undefined);
      await writeInstead(landing.batch, error);
      await landAll();
      return;
    }
    confirm(landing.batch, landing.scope);
  };

  const landAll = async (): Promise<void> => {
    if (flight !== undefined) await land(flight);
  };

  /** Returns with the batch on its way, and the one before it answered. */
  const append = async (lane: Lane, batch: Batch<Scope>): Promise<void> => {
    const before = flight;
    try {
      const scope = openScope(lane.stores, before?.scope);
      flight = await sendBatch(lane, batch, { scope, attempt: 1, isCareful: false });
    } catch (error) {
      await landAll();
      await writeInstead(batch, error);
      return;
    }
    if (before !== undefined) await land(before);
  };

  const takeBatch = (): { readonly batch: Batch<Scope>; readonly lane: Lane } => {
    const { appending } = lanes;
    const most = gathered.slice(0, maxBatch);
    if (appending === undefined || !most.every((one) => appendsLike(one, most[0]))) {
      gathered = gathered.slice(maxBatch);
      return { batch: most, lane: lanes.writing };
    }
    const size = flight === undefined && most.length >= worthTwoBatches ? most.length >> 1 : most.length;
    gathered = gathered.slice(size);
    return { batch: most.slice(0, size), lane: appending };
  };

  const turn = async (): Promise<void> => {
    const errands = alone;
    alone = [];
    if (errands.length > 0) await landAll();
    for (const errand of errands) await errand();
    if (gathered.length > 0) {
      const { batch, lane } = takeBatch();
      if (lane === lanes.appending) await append(lane, batch);
      else {
        await landAll();
        await write(batch);
      }
    } else if (flight !== undefined) {
      const more = new Promise<void>((resolve) => (whenGathered = resolve));
      await Promise.race([flight.durable.catch(() => undefined), more]);
      if (gathered.length === 0) await landAll();
    }
  };

  const goOn = (): void => {
    if (gathered.length > 0 || alone.length > 0 || flight !== undefined) {
      takeTurn();
      return;
    }
    active = false;
    for (const settle of whenIdle) settle();
    whenIdle = [];
  };

  const takeTurn = (): void => {
    setImmediate(() => void turn().finally(goOn));
  };

  const wake = (): void => {
    whenGathered?.();
    if (active) return;
    active = true;
    takeTurn();
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
        // What it throws at once is its own failure too.
        alone.push(() => Promise.resolve().then(act).then(resolve, reject));
        wake();
      });
    },
    drain() {
      closed = true;
      return active ? new Promise<void>((resolve) => whenIdle.push(resolve)) : Promise.resolve();
    },
  };
};
