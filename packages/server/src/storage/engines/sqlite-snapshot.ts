import { writeFileSync } from 'node:fs';
import { backup, type DatabaseSync } from 'node:sqlite';
import type { Snapshot } from './engine.ts';
import { classify } from './sqlite-errors.ts';
import { isDriverError } from './sqlite-faults.ts';

/** 1 MB, so that progress shows and the event loop is never held for long. */
const pagesPerStep = 256;
const rowsPerTurn = 1_000;

/** Runs `act` with a connection that sees the database as it is now, and closes it. */
const withSnapshot = async <Result>(
  connection: DatabaseSync,
  act: () => Promise<Result>,
): Promise<Result> => {
  try {
    connection.exec('pragma query_only = on');
    connection.exec('begin');
    connection.prepare('select count(*) from sqlite_schema').get();
    return await act();
  } catch (error) {
    throw isDriverError(error) ? classify(error) : error;
  } finally {
    connection.close();
  }
};

export const readSnapshot = <Result>(
  connection: DatabaseSync,
  read: (snapshot: Snapshot) => Promise<Result>,
): Promise<Result> =>
  withSnapshot(connection, () =>
    read({
      async *readTable(table, columns) {
        const list = columns.map((column) => `"${column}"`).join(', ');
        // Rows are handed out between turns of the event loop, so that a long copy does not hold it.
        let rows = 0;
        for (const row of connection.prepare(`select ${list} from "${table}"`).iterate()) {
          if (++rows % rowsPerTurn === 0) await new Promise(setImmediate);
          yield row;
        }
      },
    }),
  );

/**
 * Copies the database page by page. The open read transaction keeps the view still: without it every
 * commit of another connection would start the copy again (https://www.sqlite.org/backup.html).
 */
export const copyDatabase = (
  connection: DatabaseSync,
  path: string,
  onProgress?: (fraction: number) => void,
): Promise<void> =>
  withSnapshot(connection, async () => {
    // For its owner alone, and never over another file.
    writeFileSync(path, '', { flag: 'wx', mode: 0o600 });
    await backup(connection, path, {
      rate: pagesPerStep,
      progress: ({ totalPages, remainingPages }) =>
        onProgress?.(totalPages === 0 ? 1 : 1 - remainingPages / totalPages),
    });
    onProgress?.(1);
  });
