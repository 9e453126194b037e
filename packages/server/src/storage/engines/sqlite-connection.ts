import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Answer, Row, SqlValue } from './engine.ts';
import { isBusy } from './sqlite-faults.ts';
import { expectOneChanged } from './statement-fault.ts';

export const busyTimeoutMs = 5_000;
export const busyPauseMs = 10;
const cachedStatements = 500;
/** Whether SQLite tells how long the log is without moving any of it: since 3.51. */
export const tellsLogLength = ((version) => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 3 || (major === 3 && minor >= 51);
})(process.versions.sqlite ?? '');
/**
 * Pages in the log before a commit moves them into the database file itself, which stops everybody meanwhile:
 * 128 MB, as a thread beside moves them long before (see `createLogMover`), or 32 where it cannot know when.
 */
const checkpointPages = tellsLogLength ? 32_000 : 8_000;
/** Of each connection, in KiB; filled only by what is used. */
const pageCacheKib = 32 * 1024;

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

/**
 * Makes the file for its owner alone; the log beside it takes the same mode. A file that is there is left
 * alone: closing a descriptor of it that SQLite does not know takes the locks of all connections of this
 * process, and the next process that closes the database then removes the log under them
 * (https://www.sqlite.org/howtocorrupt.html, 2.2).
 */
const makeFile = (path: string): void => {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
};

/** A connection that flushes every commit to disk. Throws the driver's own errors, as all here does. */
export const openConnection = (path: string): DatabaseSync => {
  makeFile(path);
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
  switchToLog(database);
  database.exec('pragma synchronous = full');
  database.exec('pragma foreign_keys = on');
  database.exec('pragma secure_delete = on');
  database.exec(`pragma cache_size = -${pageCacheKib}`);
  database.exec(`pragma wal_autocheckpoint = ${checkpointPages}`);
  return database;
};

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

export interface Runner {
  readonly run: (text: string, parameters: readonly SqlValue[]) => Answer;
  readonly runEach: (text: string, lists: readonly (readonly SqlValue[])[]) => void;
  readonly changeOne: (text: string, parameters: readonly SqlValue[]) => void;
}

/** Runs statements of a connection; throws the driver's own errors. */
export const createRunner = (database: DatabaseSync): Runner => {
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
    changeOne(text, parameters) {
      expectOneChanged(Number(prepare(text).prepared.run(...parameters).changes));
    },
  };
};
