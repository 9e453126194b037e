// The thread that copies the log into the database file while others write: one message is one pass.
import { fdatasyncSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { LogThreadData } from './sqlite-log.ts';

const port = parentPort;
if (port === null) throw new Error('This is the program of a thread');
const { path, descriptor } = workerData as LogThreadData;

const database = new DatabaseSync(path);
database.exec('pragma synchronous = full');
database.exec('pragma wal_autocheckpoint = 0');
const copyPages = database.prepare('pragma wal_checkpoint(passive)');

port.on('message', (word: 'move' | 'close') => {
  if (word === 'close') {
    database.close();
    port.close();
    return;
  }
  try {
    copyPages.get();
    // SQLite flushes the file itself only where it has copied the last page of the log.
    fdatasyncSync(descriptor);
  } catch {
    // The log stays as it is; whoever finishes moves more of it.
  }
  port.postMessage('copied');
});
