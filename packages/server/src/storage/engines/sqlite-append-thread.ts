// The thread that writes and flushes the transactions of starts: one message is one transaction.
import { parentPort, workerData } from 'node:worker_threads';
import type { DatabaseSync } from 'node:sqlite';
import type { Append, Appended, ToAppendThread } from './sqlite-appender.ts';
import { createRunner, openConnection, tellsLogLength, type Runner } from './sqlite-connection.ts';
import { readCommitFault, readFault, type SqliteFault } from './sqlite-faults.ts';

const port = parentPort;
if (port === null) throw new Error('This is the program of a thread');
const { path } = workerData as { readonly path: string };

interface Open {
  readonly database: DatabaseSync;
  readonly runner: Runner;
  /** Pages of the log that are not in the file yet. */
  readonly countPages: () => number;
}

let open: Open | undefined;
const connect = (): Open => {
  const database = openConnection(path);
  const runner = createRunner(database);
  const countPages = (): number => {
    if (!tellsLogLength) return 0;
    try {
      const [length] = runner.run('pragma wal_checkpoint(noop)', []).rows;
      return Number(length?.['log']) - Number(length?.['checkpointed']);
    } catch {
      // What was asked for is done, whatever this meets.
      return 0;
    }
  };
  return { database, runner, countPages };
};

const undo = (fault: SqliteFault): Appended => {
  if (open?.database.isTransaction === true) open.database.exec('rollback');
  return { done: false, fault };
};

const append = (statements: readonly Append[]): Appended => {
  try {
    const { runner, countPages } = (open ??= connect());
    const { run, runEach, changeOne } = runner;
    run('begin immediate', []);
    for (const { text, lists, changesOne } of statements) {
      if (changesOne) for (const parameters of lists) changeOne(text, parameters);
      else runEach(text, lists);
    }
    try {
      run('commit', []);
    } catch (error) {
      return undo(readCommitFault(error));
    }
    return { done: true, logPages: countPages() };
  } catch (error) {
    return undo(readFault(error));
  }
};

/** What was written while the log was copied; if it cannot be moved now, it will be with what comes. */
const finishMovingLog = (): void => {
  try {
    open?.runner.run('pragma wal_checkpoint(passive)', []);
  } catch {
    // Nobody asked for anything, and every commit is on disk already.
  }
};

port.on('message', (message: ToAppendThread) => {
  if (message === 'close') {
    open?.database.close();
    port.close();
  } else if (message === 'finish-moving-log') finishMovingLog();
  else port.postMessage(append(message));
});
