import type { Snapshot } from './engine.ts';
import { runWatched, type Ask, type WatchedSettings } from './postgres-watch.ts';

const rowsPerFetch = 1_000;

const snapshotOver = (ask: Ask): Snapshot => ({
  async *readTable(table, columns) {
    const list = columns.map((column) => `"${column}"`).join(', ');
    await ask(`declare rows no scroll cursor for select ${list} from "${table}"`);
    for (;;) {
      const rows = await ask(`fetch ${rowsPerFetch} from rows`);
      if (rows.length === 0) break;
      yield* rows;
    }
    await ask('close rows');
  },
});

/** One transaction that sees the database as it is now, on a connection of its own. */
export const readSnapshot = <Result>(
  settings: WatchedSettings,
  read: (snapshot: Snapshot) => Promise<Result>,
): Promise<Result> =>
  runWatched(settings, async (ask) => {
    await ask('begin isolation level repeatable read, read only');
    const result = await read(snapshotOver(ask));
    await ask('commit');
    return result;
  });
