import { extname } from 'node:path';
import type { Worker } from 'node:worker_threads';

/** A thread's program, beside this file and of its kind: a source here, in the bundle a piece of it. */
export const programOf = (name: string): URL =>
  new URL(`${name}${extname(import.meta.url)}`, import.meta.url);

/** Has the thread close what it has open, which is what `close` says to it, and waits for its end. */
export const endThread = async (worker: Worker): Promise<void> => {
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  worker.ref();
  worker.postMessage('close');
  await ended;
};
