// The thread that writes and flushes the transactions of starts: one message is one transaction.
import { parentPort, workerData } from 'node:worker_threads';
import type { DatabaseSync } from 'node:sqlite';
import type { Append, Appended } from './sqlite-appender.ts';
import { createRunner, openConnection, type Runner } from './sqlite-connection.ts';
import { readFault } from './sqlite-faults.ts';

const port = parentPort;
if (port === null) throw new Error('This is the program of a thread');
const { path } = workerData as { readonly path: string };

let open: { readonly database: DatabaseSync; readonly runner: Runner } | undefined;
const connect = () => {
  const database = openConnection(path);
  return { database, runner: createRunner(database) };
};

const append = (statements: readonly Append[]): Appended => {
  try {
    const { run, runEach, changeOne } = (open ??= connect()).runner;
    run('begin immediate', []);
    for (const { text, lists, changesOne } of statements) {
      if (changesOne) for (const parameters of lists) changeOne(text, parameters);
      else runEach(text, lists);
    }
    run('commit', []);
    return { done: true };
  } catch (error) {
    const fault = readFault(error);
    if (open?.database.isTransaction === true) open.database.exec('rollback');
    return { done: false, fault };
  }
};

port.on('message', (statements: readonly Append[] | null) => {
  if (statements !== null) {
    port.postMessage(append(statements));
    return;
  }
  open?.database.close();
  port.close();
});
