import { closeSync, constants, existsSync, openSync, readSync } from 'node:fs';
import { copyFile, link, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { flushToDisk } from '../../files/durable.ts';

/** The first 16 bytes of every database file, https://www.sqlite.org/fileformat.html */
const magic = 'SQLite format 3\0';
const busyCode = 5;
/** What SQLite keeps beside the file: parts of the database itself, where nobody has closed it. */
const besides = ['-wal', '-shm', '-journal'];

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

/** Copies a database with what lies beside it: after a crash its last commits are in the log alone. */
export const copySqliteFile = async (from: string, to: string): Promise<void> => {
  await copyFile(from, to);
  for (const suffix of ['-wal', '-journal'])
    if (existsSync(`${from}${suffix}`)) await copyFile(`${from}${suffix}`, `${to}${suffix}`);
};

/**
 * Puts a settled database into the place of another, which is kept as `aside` with what lies beside it; whether
 * there was anything. At every moment one of the two is in that place, also where this is killed.
 */
export const replaceSqliteFile = async (from: string, to: string, aside: string): Promise<boolean> => {
  const wasThere = existsSync(to);
  // Where the file system knows no second name of a file, a copy is as good.
  if (wasThere) await link(to, aside).catch(async () => copyFile(to, aside, constants.COPYFILE_EXCL));
  // Left by a database that is damaged or gone: it would be taken for a part of the new one.
  const left = besides.filter((suffix) => existsSync(`${to}${suffix}`));
  for (const suffix of left) await rename(`${to}${suffix}`, `${aside}${suffix}`);
  await flushToDisk(dirname(to));
  await rename(from, to);
  await flushToDisk(dirname(to));
  return wasThere || left.length > 0;
};
