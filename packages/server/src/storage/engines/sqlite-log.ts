import { openSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { endThread, programOf } from './sqlite-threads.ts';

/**
 * Pages in the log that are worth moving into the database file: 64 MB. A longer log moves pages that change
 * again and again more rarely.
 */
const worthMoving = 16_000;

const program = programOf('sqlite-log-thread');

/** What the thread is given: the database, and a descriptor of its file to flush. */
export interface LogThreadData {
  readonly path: string;
  readonly descriptor: number;
}

export interface LogMover {
  /** After a commit: how many pages the log has that are not in the file. */
  noteLength(pages: number): void;
  close(): Promise<void>;
}

/**
 * Moves the write-ahead log into the database file while transactions go on, where a commit that did it would
 * stop everybody for hundredths of a second: a thread beside copies the pages and flushes them
 * (https://www.sqlite.org/wal.html#ckpt). `finish` is called then, to move what was written meanwhile between
 * two transactions; that is little, and the log begins anew with the next one.
 */
export const createLogMover = (path: string, finish: () => void): LogMover => {
  let thread: Worker | undefined;
  let isMoving = false;
  let descriptor: number | undefined;

  const start = (): Worker => {
    // Never closed: that would take the locks of all connections of this process (see `makeFile`).
    descriptor ??= openSync(path, 'r');
    const data: LogThreadData = { path, descriptor };
    const worker = new Worker(program, { workerData: data });
    worker.unref();
    worker.on('error', () => undefined);
    worker.on('message', () => {
      isMoving = false;
      finish();
    });
    worker.once('exit', () => {
      isMoving = false;
      if (thread === worker) thread = undefined;
    });
    return worker;
  };

  return {
    noteLength(pages) {
      if (isMoving || pages < worthMoving) return;
      try {
        thread ??= start();
      } catch {
        // No descriptor is free: commits move the log themselves, and the next tries again.
        return;
      }
      isMoving = true;
      thread.postMessage('move');
    },
    async close() {
      if (thread !== undefined) await endThread(thread);
    },
  };
};
