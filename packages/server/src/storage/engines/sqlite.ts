import type { DatabaseSync } from 'node:sqlite';
import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from 'kysely';
import type { Engine, Session, TransactionFault, WriteSession } from './engine.ts';
import { storageUnavailable } from './faults.ts';
import { dialectOver, type Grammar } from './session-dialect.ts';
import { openAppender } from './sqlite-appender.ts';
import { busyPauseMs, busyTimeoutMs, createRunner, openConnection } from './sqlite-connection.ts';
import { classify, toError } from './sqlite-errors.ts';
import { isBusy, readCommitFault } from './sqlite-faults.ts';
import { copyDatabase, readSnapshot } from './sqlite-snapshot.ts';
import { StatementFault } from './statement-fault.ts';

/** Counts what the planner has to know of tables that have grown; https://www.sqlite.org/pragma.html#pragma_optimize */
const lookAtTables = 'pragma optimize = 0x10002';

const grammar: Grammar = {
  createAdapter: () => new SqliteAdapter(),
  createIntrospector: (db) => new SqliteIntrospector(db),
  createQueryCompiler: () => new SqliteQueryCompiler(),
};

/** How long the log waits to be cut where somebody holds it. */
const cutAgainMs = 1_000;
const triesAtOnce = 5;

const attempt = <Result>(act: () => Result): Result => {
  try {
    return act();
  } catch (error) {
    throw classify(error);
  }
};

const connect = (path: string): DatabaseSync => attempt(() => openConnection(path));

const createReader = (database: DatabaseSync): Session => {
  const { run, runEach, changeOne } = createRunner(database);
  const guarded = <Result>(act: () => Result): Promise<Result> => {
    try {
      return Promise.resolve(act());
    } catch (error) {
      return Promise.reject(classify(error));
    }
  };
  return {
    execute: (text, parameters) => guarded(() => run(text, parameters)),
    executeEach: (text, lists) => guarded(() => runEach(text, lists)),
    changeOne: (text, parameters) => guarded(() => changeOne(text, parameters)),
  };
};

const createWriter = (database: DatabaseSync): WriteSession => {
  const { run, runEach, changeOne } = createRunner(database);
  let fault: TransactionFault | undefined;
  // Who holds the lock may be in this very process, so waiting must leave the event loop free.
  const waitForLock = async <Result>(act: () => Result): Promise<Result> => {
    const deadline = performance.now() + busyTimeoutMs;
    for (;;) {
      try {
        return act();
      } catch (error) {
        if (!isBusy(error) || performance.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, busyPauseMs * (0.5 + Math.random())));
      }
    }
  };
  const refuse = (error: unknown): never => {
    const classified = classify(error);
    if (!(classified instanceof StatementFault)) fault = 'unavailable';
    throw classified;
  };
  const guarded = <Result>(act: () => Result): Promise<Result> => {
    try {
      return Promise.resolve(act());
    } catch (error) {
      return Promise.resolve(error).then(refuse);
    }
  };
  return {
    get fault() {
      return fault;
    },
    execute(text, parameters) {
      if (!database.isTransaction) return waitForLock(() => run(text, parameters)).catch(refuse);
      return guarded(() => run(text, parameters));
    },
    executeEach(text, lists) {
      return guarded(() => runEach(text, lists));
    },
    changeOne(text, parameters) {
      return guarded(() => changeOne(text, parameters));
    },
    begin() {
      fault = undefined;
      return waitForLock(() => void run('begin immediate', [])).catch(refuse);
    },
    commit() {
      // A full disk or a failed read may have rolled the transaction back already.
      if (!database.isOpen || !database.isTransaction) return Promise.reject(storageUnavailable('io'));
      try {
        run('commit', []);
        return Promise.resolve();
      } catch (error) {
        return Promise.resolve(toError(readCommitFault(error))).then(refuse);
      }
    },
    rollback() {
      if (database.isOpen && database.isTransaction) run('rollback', []);
      return Promise.resolve();
    },
  };
};

/**
 * Moves the log into the database file and cuts it to nothing, so that what was destroyed is in neither: deleted
 * content in the file is zeros already. Whoever still reads an older state, as a copy that is being made, or moves
 * the log, is not waited for: it is tried again until it is done.
 */
const createLogCutter = (database: DatabaseSync) => {
  let isDue = false;
  let again: NodeJS.Timeout | undefined;
  /** Whether it was done; between transactions of this connection only. */
  const cut = (): boolean => {
    if (!database.isOpen || database.isTransaction) return false;
    try {
      return database.prepare('pragma wal_checkpoint(truncate)').get()?.['busy'] === 0;
    } catch {
      return false;
    }
  };
  const tryAgain = (): void => {
    isDue &&= !cut();
    again = isDue ? setTimeout(tryAgain, cutAgainMs).unref() : undefined;
  };
  return {
    async cut(): Promise<void> {
      isDue = true;
      for (let tries = 0; tries < triesAtOnce && isDue; tries += 1) {
        if (tries > 0) await new Promise((resolve) => setTimeout(resolve, busyPauseMs));
        isDue &&= !cut();
      }
      if (isDue) again ??= setTimeout(tryAgain, cutAgainMs).unref();
    },
    close(): void {
      clearTimeout(again);
      if (isDue) cut();
    },
  };
};

/**
 * SQLite in one file: every commit is flushed to disk before it is answered, and deleted content is
 * overwritten. One connection writes, another reads what is committed, and a third, in a thread of its
 * own, takes the transactions that only append.
 */
export const openSqlite = (path: string): Engine => {
  const writing = connect(path);
  const reading = connect(path);
  attempt(() => reading.exec('pragma query_only = on'));
  attempt(() => writing.exec(lookAtTables));
  // The pages it looked at are of no further use.
  attempt(() => writing.exec('pragma shrink_memory'));
  attempt(() => writing.exec('pragma busy_timeout = 0'));
  const writer = createWriter(writing);
  const reader = createReader(reading);
  const appender = openAppender(path, reader);
  const log = createLogCutter(writing);
  return {
    types: {
      text: 'text',
      integer: 'integer',
      bytes: 'blob',
      tableEnd: sql`strict`,
      clusteredTableEnd: sql`strict, without rowid`,
    },
    rowLock: '',
    failureEndsTransaction: false,
    insertChunks: [],
    reader,
    writer,
    appender,
    createDialect: (session) => dialectOver(session, grammar),
    ping: async () => {
      attempt(() => reading.prepare('select 1').get());
      return Promise.resolve();
    },
    async purgeRemains() {
      try {
        writing.exec(lookAtTables);
      } catch (error) {
        // Another process writes; the next purge looks.
        if (!isBusy(error)) throw classify(error);
      }
      await log.cut();
    },
    readSnapshot: (read) => readSnapshot(connect(path), read),
    copyTo: (target, onProgress) => copyDatabase(connect(path), target, onProgress),
    close: async () => {
      await appender.close();
      if (reading.isOpen) reading.close();
      log.close();
      if (writing.isOpen) writing.close();
    },
  };
};
