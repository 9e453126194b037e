import { Worker } from 'node:worker_threads';
import type { Session, SqlValue } from './engine.ts';
import { isWrite, type BatchSession } from './savepoint.ts';
import { toError } from './sqlite-errors.ts';
import type { SqliteFault } from './sqlite-faults.ts';
import { createLogMover } from './sqlite-log.ts';
import { endThread, programOf } from './sqlite-threads.ts';
import { StatementFault } from './statement-fault.ts';

/** One statement and the lists of parameters it runs with. */
export interface Append {
  readonly text: string;
  readonly lists: readonly (readonly SqlValue[])[];
  /** See `Session.changeOne`. */
  readonly changesOne: boolean;
}

/** A transaction, or a word. */
export type ToAppendThread = readonly Append[] | 'finish-moving-log' | 'close';

export type Appended =
  /** `logPages`: what the log has that is not in the database file. */
  { readonly done: true; readonly logPages: number } | { readonly done: false; readonly fault: SqliteFault };

export interface Appender extends Session, BatchSession {
  close(): Promise<void>;
}

const program = programOf('sqlite-append-thread');

interface Thread {
  readonly worker: Worker;
  /** Told in the order in which the transactions were sent. */
  readonly waiting: ((appended: Appended) => void)[];
}

/** A thread that is started at its first transaction, and again where it has died. */
const createThread = (path: string) => {
  let thread: Thread | undefined;
  const say = ({ worker }: Thread, message: ToAppendThread): void => worker.postMessage(message);
  const log = createLogMover(path, () => {
    if (thread !== undefined) say(thread, 'finish-moving-log');
  });
  const start = (): Thread => {
    const worker = new Worker(program, { workerData: { path } });
    const fresh: Thread = { worker, waiting: [] };
    worker.on('error', () => undefined);
    worker.on('message', (appended: Appended) => {
      fresh.waiting.shift()?.(appended);
      if (appended.done) log.noteLength(appended.logPages);
      if (fresh.waiting.length === 0) worker.unref();
    });
    worker.once('exit', () => {
      if (thread === fresh) thread = undefined;
      for (const tell of fresh.waiting.splice(0)) tell({ done: false, fault: { cause: 'unsure' } });
    });
    return fresh;
  };
  return {
    /** Settles when the transaction is on disk, or is known not to be. */
    append(statements: readonly Append[]): Promise<Appended> {
      const running = (thread ??= start());
      return new Promise((resolve) => {
        running.waiting.push(resolve);
        running.worker.ref();
        say(running, statements);
      });
    },
    async close(): Promise<void> {
      await log.close();
      if (thread !== undefined) await endThread(thread.worker);
    },
  };
};

/** What a statement lost against comes to light under the lock, where the transaction is run again. */
const errorOf = (fault: SqliteFault): Error =>
  'reason' in fault ? new StatementFault('conflict', fault.driverCode) : toError(fault);

/** See `Engine.appender`. */
export const openAppender = (path: string, reader: Session): Appender => {
  const thread = createThread(path);
  let kept: Append[] = [];
  let mark = 0;
  const keep = (text: string, lists: Append['lists'], changesOne = false): Promise<void> => {
    kept.push({ text, lists, changesOne });
    return Promise.resolve();
  };
  const send = async (statements: readonly Append[]): Promise<void> => {
    const appended = await thread.append(statements);
    if (!appended.done) throw errorOf(appended.fault);
  };
  return {
    fault: undefined,
    execute(text, parameters) {
      if (!isWrite(text)) return reader.execute(text, parameters);
      kept.push({ text, lists: [parameters], changesOne: false });
      return Promise.resolve({ rows: [], changed: 0 });
    },
    executeEach: (text, lists) => keep(text, lists),
    changeOne: (text, parameters) => keep(text, [parameters], true),
    begin() {
      kept = [];
      return Promise.resolve();
    },
    commit() {
      const durable = send(kept);
      kept = [];
      return Promise.resolve({ durable });
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
