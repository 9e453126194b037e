import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from 'kysely';
import type { Answer, Engine, Row, Session, SqlValue, TransactionFault, WriteSession } from './engine.ts';
import { StatementFault, storageUnavailable } from './faults.ts';
import { dialectOver, type Grammar } from './session-dialect.ts';
import { classify, isBusy } from './sqlite-errors.ts';
import { copyDatabase, readSnapshot } from './sqlite-snapshot.ts';

const busyTimeoutMs = 5_000;
const busyPauseMs = 10;
const cachedStatements = 500;
/**
 * Pages in the log before a commit moves them into the database file: 64 MB. The move stops everybody for
 * about a tenth of a second, so it is made rare; pages that change again and again are then moved once.
 */
const checkpointPages = 16_000;
/** Of each connection, in KiB; filled only by what is used. */
const pageCacheKib = 32 * 1024;

/** Counts what the planner has to know of tables that have grown; https://www.sqlite.org/pragma.html#pragma_optimize */
const lookAtTables = 'pragma optimize = 0x10002';

const grammar: Grammar = {
  createAdapter: () => new SqliteAdapter(),
  createIntrospector: (db) => new SqliteIntrospector(db),
  createQueryCompiler: () => new SqliteQueryCompiler(),
};

const attempt = <Result>(act: () => Result): Result => {
  try {
    return act();
  } catch (error) {
    throw classify(error);
  }
};

/** The first switch to the log wants the file alone and does not wait for it: SQLite's timeout is not asked. */
const switchToLog = (database: DatabaseSync): void => {
  for (let waitedMs = 0; ; waitedMs += busyPauseMs) {
    try {
      database.exec('pragma journal_mode = wal');
      return;
    } catch (error) {
      if (!isBusy(error) || waitedMs >= busyTimeoutMs) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, busyPauseMs);
    }
  }
};

const openConnection = (path: string): DatabaseSync =>
  attempt(() => {
    // Made for its owner alone; the log beside it takes the same mode.
    closeSync(openSync(path, 'a', 0o600));
    const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
    switchToLog(database);
    database.exec('pragma synchronous = full');
    database.exec('pragma foreign_keys = on');
    database.exec('pragma secure_delete = on');
    database.exec(`pragma cache_size = -${pageCacheKib}`);
    database.exec(`pragma wal_autocheckpoint = ${checkpointPages}`);
    return database;
  });

interface Statement {
  readonly prepared: StatementSync;
  readonly returnsRows: boolean;
}

/** Prepared statements by their text; the ones used longest ago give way. */
const statementCache = (database: DatabaseSync) => {
  const statements = new Map<string, Statement>();
  return (text: string): Statement => {
    const found = statements.get(text);
    if (found !== undefined) {
      if (statements.size >= cachedStatements) {
        statements.delete(text);
        statements.set(text, found);
      }
      return found;
    }
    const prepared = database.prepare(text);
    const statement = { prepared, returnsRows: prepared.columns().length > 0 };
    if (statements.size >= cachedStatements) {
      const oldest = statements.keys().next();
      if (oldest.done !== true) statements.delete(oldest.value);
    }
    statements.set(text, statement);
    return statement;
  };
};

interface Runner {
  readonly run: (text: string, parameters: readonly SqlValue[]) => Answer;
  readonly runEach: (text: string, lists: readonly (readonly SqlValue[])[]) => void;
}

const createRunner = (database: DatabaseSync): Runner => {
  const prepare = statementCache(database);
  return {
    run(text, parameters) {
      const { prepared, returnsRows } = prepare(text);
      if (returnsRows) {
        const rows: readonly Row[] = prepared.all(...parameters);
        return { rows, changed: rows.length };
      }
      return { rows: [], changed: Number(prepared.run(...parameters).changes) };
    },
    runEach(text, lists) {
      const { prepared } = prepare(text);
      for (const parameters of lists) prepared.run(...parameters);
    },
  };
};

const createReader = (database: DatabaseSync): Session => {
  const { run, runEach } = createRunner(database);
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
  };
};

const createWriter = (database: DatabaseSync): WriteSession => {
  const { run, runEach } = createRunner(database);
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
  const control = async (text: string): Promise<void> => {
    await guarded(() => run(text, []));
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
    begin() {
      fault = undefined;
      return waitForLock(() => void run('begin immediate', [])).catch(refuse);
    },
    commit() {
      // A full disk or a failed read may have rolled the transaction back already.
      if (!database.isOpen || !database.isTransaction) return Promise.reject(storageUnavailable('io'));
      return control('commit');
    },
    rollback() {
      if (database.isOpen && database.isTransaction) run('rollback', []);
      return Promise.resolve();
    },
  };
};

/** Moves the log into the database file and cuts it to nothing; deleted content in the file is zeros already. */
const emptyLog = async (database: DatabaseSync): Promise<void> => {
  const deadline = performance.now() + busyTimeoutMs;
  for (;;) {
    const answer = attempt(() => database.prepare('pragma wal_checkpoint(truncate)').get());
    if (answer?.['busy'] === 0) return;
    // A copy that is being made still reads from the log.
    if (performance.now() > deadline) throw storageUnavailable('busy');
    await new Promise((resolve) => setTimeout(resolve, busyPauseMs));
  }
};

/**
 * SQLite in one file: every commit is flushed to disk before it is answered, and deleted content is
 * overwritten. One connection writes; another reads what is committed.
 */
export const openSqlite = (path: string): Engine => {
  const writing = openConnection(path);
  const reading = openConnection(path);
  attempt(() => reading.exec('pragma query_only = on'));
  attempt(() => writing.exec(lookAtTables));
  attempt(() => writing.exec('pragma busy_timeout = 0'));
  const writer = createWriter(writing);
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
    reader: createReader(reading),
    writer,
    createDialect: (session) => dialectOver(session, grammar),
    ping: async () => {
      attempt(() => reading.prepare('select 1').get());
      return Promise.resolve();
    },
    purgeRemains: () => {
      attempt(() => writing.exec(lookAtTables));
      return emptyLog(writing);
    },
    readSnapshot: (read) => readSnapshot(openConnection(path), read),
    copyTo: (target, onProgress) => copyDatabase(openConnection(path), target, onProgress),
    close: () => {
      if (reading.isOpen) reading.close();
      if (writing.isOpen) writing.close();
      return Promise.resolve();
    },
  };
};
