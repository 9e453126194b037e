import { existsSync, openSync, readSync, closeSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** The first 16 bytes of every database file, https://www.sqlite.org/fileformat.html */
const magic = 'SQLite format 3\0';
const busyCode = 5;
/** The file and those that SQLite keeps beside it. */
const suffixes = ['', '-wal', '-shm'];

export const isSqliteFile = (path: string): boolean => {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(magic.length);
    return readSync(file, bytes) === magic.length && bytes.toString('latin1') === magic;
  } finally {
    closeSync(file);
  }
};

/** Whether every page of a database file is whole and in its place. */
export const isSqliteFileWhole = (path: string): boolean => {
  const database = new DatabaseSync(path);
  try {
    return database.prepare('pragma integrity_check(1)').get()?.['integrity_check'] === 'ok';
  } catch {
    return false;
  } finally {
    database.close();
  }
};

/**
 * Brings all of a database into its one file, as is possible only where nobody else has it open: then
 * it may be moved. `unreadable` where it is no database any more.
 */
export const settleSqliteFile = (path: string): 'settled' | 'in_use' | 'unreadable' => {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    database.exec('pragma journal_mode = delete');
    return 'settled';
  } catch (error) {
    const isBusy =
      error instanceof Error &&
      'errcode' in error &&
      typeof error.errcode === 'number' &&
      (error.errcode & 0xff) === busyCode;
    return isBusy ? 'in_use' : 'unreadable';
  } finally {
    database?.close();
  }
};

/** Flushes a file, or the names in a folder, to disk. */
export const flushToDisk = async (path: string): Promise<void> => {
  const file = await open(path, 'r');
  await file.sync().finally(async () => file.close());
};

/** Moves a database with what lies beside it; its folder is on disk afterwards. */
export const moveSqliteFile = async (from: string, to: string): Promise<void> => {
  for (const suffix of suffixes) {
    if (existsSync(`${from}${suffix}`)) await rename(`${from}${suffix}`, `${to}${suffix}`);
  }
  await flushToDisk(dirname(to));
};
