import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Session, SqlValue, TransactionFault } from './engine.ts';
import { isWrite, type BatchSession } from './savepoint.ts';
import { toError } from './sqlite-errors.ts';
import type { SqliteFault } from './sqlite-faults.ts';

/** One statement and the lists of parameters it runs with. */
export interface Append {
  readonly text: string;
  readonly lists: readonly (readonly SqlValue[])[];
  /** See `Session.changeOne`. */
  readonly changesOne: boolean;
}

export type Appended = { readonly done: true } | { readonly done: false; readonly fault: SqliteFault };

export interface Appender extends Session, BatchSession {
  close(): Promise<void>;
}

/** Beside this file and of its kind: a source here, in the bundle a piece of it. */
const program = new URL(`sqlite-append-thread${extname(import.meta.url)}`, import.meta.url);

/** A thread that is started at its first transaction, and again where it has died. */
const createThread = (path: string) => {
  let worker: Worker | undefined;
  const start = (): Worker => {
    const fresh = new Worker(program, { workerData: { path } });
    fresh.on('error', () => undefined);
    fresh.once('exit', () => {
      if (worker === fresh) worker = undefined;
    });
    return fresh;
  };
  return {
    /** Settles when the transaction is on disk, or is known not to be. */
    async append(statements: readonly Append[]): Promise<Appended> {
      const thread = (worker ??= start());
      return new Promise((resolve) => {
        const lost = (): void => resolve({ done: false, fault: { cause: 'unsure' } });
        thread.once('exit', lost);
        thread.once('message', (appended: Appended) => {
          thread.off('exit', lost);
          thread.unref();
          resolve(appended);
        });
        thread.ref();
        thread.postMessage(statements);
      });
    },
    async close(): Promise<void> {
      const thread = worker;
      if (thread === undefined) return;
      const ended = new Promise((resolve) => thread.once('exit', resolve));
      thread.ref();
      thread.postMessage(null);
      await ended;
    },
  };
};

/** See `Engine.appender`. */
export const openAppender = (path: string, reader: Session): Appender => {
  const thread = createThread(path);
  let fault: TransactionFault | undefined;
  let kept: Append[] = [];
  let mark = 0;
  const keep = (text: string, lists: Append['lists'], changesOne = false): Promise<void> => {
    kept.push({ text, lists, changesOne });
    return Promise.resolve();
  };
  return {
    get fault() {
      return fault;
    },
    execute(text, parameters) {
      if (!isWrite(text)) return reader.execute(text, parameters);
      kept.push({ text, lists: [parameters], changesOne: false });
      return Promise.resolve({ rows: [], changed: 0 });
    },
    executeEach: (text, lists) => keep(text, lists),
    changeOne: (text, parameters) => keep(text, [parameters], true),
    begin() {
      fault = undefined;
      kept = [];
      return Promise.resolve();
    },
    async commit() {
      const appended = await thread.append(kept);
      kept = [];
      if (appended.done) return;
      const error = toError(appended.fault);
      // Whatever a statement lost against, it is run again under the lock, where it is found out.
      fault = 'reason' in appended.fault ? 'conflict' : 'unavailable';
      throw error;
    },
    rollback() {
      kept = [];
      return Promise.resolve();
    },
    savepoint() {
      mark = kept.length;
    },
    releaseSavepoint: () => undefined,
    rollbackToSavepoint() {
      kept.length = mark;
      return Promise.resolve();
    },
    close: () => thread.close(),
  };
};
