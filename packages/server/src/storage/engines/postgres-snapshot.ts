import type pg from 'pg';
import type { Row, Snapshot } from './engine.ts';
import { classify, isDriverError } from './postgres-errors.ts';

const rowsPerFetch = 1_000;

/** One transaction that sees the database as it is now, on a connection of its own. */
export const readSnapshot = async <Result>(
  client: pg.Client,
  read: (snapshot: Snapshot) => Promise<Result>,
): Promise<Result> => {
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('begin isolation level repeatable read, read only');
    const result = await read({
      async *readTable(table, columns) {
        const list = columns.map((column) => `"${column}"`).join(', ');
        await client.query(`declare rows no scroll cursor for select ${list} from "${table}"`);
        for (;;) {
          const { rows } = await client.query<Row>(`fetch ${rowsPerFetch} from rows`);
          if (rows.length === 0) break;
          yield* rows;
        }
        await client.query('close rows');
      },
    });
    await client.query('commit');
    return result;
  } catch (error) {
    throw isDriverError(error) ? classify(error) : error;
  } finally {
    await client.end().catch(() => undefined);
  }
};
