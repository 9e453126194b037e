import {
  hasPostgres,
  startPostgres,
  startSilentProxy,
  type RunningPostgres,
  type SilentProxy,
} from '@coffer/testkit';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase, type StoredDatabase } from '../database.ts';
import { ChainScope } from '../testing/chain-scope.ts';

const timeoutMs = 1_000;
/** A limit that is not kept at all takes minutes, or for ever. */
const patienceMs = 15_000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe.skipIf(!hasPostgres())('a PostgreSQL that falls silent and closes nothing', () => {
  let server: RunningPostgres;
  let url: string;
  let proxy: SilentProxy;
  let administrator: pg.Client;
  let database: StoredDatabase<ChainScope>;
  let folder: string;
  let snapshots = 0;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'coffer-silence-'));
    server = await startPostgres();
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    url = await server.createDatabase();
    proxy = await startSilentProxy(url);
    administrator = new pg.Client({ connectionString: url });
    await administrator.connect();
    database = await open();
    await append();
  });
  afterEach(async () => {
    await database.close();
    await administrator.end();
    await proxy.close();
  });

  const open = () =>
    openDatabase({ postgres: { url: proxy.url }, poolSize: 2, timeoutMs })(
      (stores) => new ChainScope(stores),
    );
  const append = () => database.commit((_stores, scope) => scope.append('c'));
  const stored = async () => (await database.read((stores) => stores.audit.listChain('c', 0, 1_000))).length;
  const inTime = async <Result>(act: () => Promise<Result>): Promise<Result> => {
    const since = performance.now();
    try {
      return await act();
    } finally {
      expect(performance.now() - since).toBeLessThan(patienceMs);
    }
  };
  const expectLost = (act: () => Promise<unknown>) =>
    inTime(() => expect(act()).rejects.toMatchObject({ code: 'storage_unavailable' }));
  const untilServed = async (act: () => Promise<unknown>) => {
    for (const until = performance.now() + patienceMs; ;) {
      const served = await act().then(
        () => true,
        (error: unknown) => {
          if (performance.now() > until) throw error;
          return false;
        },
      );
      if (served) return;
    }
  };
  /** The process that serves this database and whose last statement is like this. */
  const findProcess = async (query: string, state: string): Promise<number | undefined> => {
    const { rows } = await administrator.query<{ pid: number }>(
      `select pid from pg_stat_activity where datname = current_database() and application_name = 'coffer' and query ~ $1 and state = $2`,
      [query, state],
    );
    return rows[0]?.pid;
  };

  it('is unavailable in time, to writes, reads and whoever asks for it, and serves again on new connections', async () => {
    await stored();
    proxy.fallSilent();
    await Promise.all([expectLost(append), expectLost(stored), expectLost(() => database.ping())]);
    await Promise.all([expectLost(append), expectLost(stored), expectLost(() => database.ping())]);
    proxy.serveNew();
    await untilServed(append);
    await untilServed(() => database.ping());
    expect(await stored()).toBe(2);
  });

  it('in the middle of a batch undoes it; the locks it left behind are given back to the next', async () => {
    await expectLost(() =>
      database.commit(async (_stores, scope) => {
        await scope.append('c');
        await scope.flush();
        proxy.fallSilent();
      }),
    );
    proxy.serveNew();
    await untilServed(append);
    expect(await stored()).toBe(2);
  });

  it('with the answer to a commit on its way says that it may have been done, and it has', async () => {
    await administrator.query(
      `create function at_commit() returns trigger language plpgsql as $$ begin perform pg_sleep(0.6); return null; end $$`,
    );
    await administrator.query(
      'create constraint trigger at_commit after insert on audit_event deferrable initially deferred for each row execute function at_commit()',
    );
    const writing = inTime(() =>
      expect(append()).rejects.toMatchObject({
        message: 'The database was lost while this was being stored; it may have been done.',
      }),
    );
    while ((await findProcess('^commit$', 'active')) === undefined) await pause(5);
    proxy.fallSilent('answers');
    await writing;
    proxy.serveNew();
    expect(await stored()).toBe(2);
    await untilServed(append);
    expect(await stored()).toBe(3);
  });

  it('for a while, again and again, while everybody writes: nothing acknowledged is lost', async () => {
    let acknowledged = 1;
    const stopping = new AbortController();
    const writing = Promise.all(
      [1, 2, 3].map(async () => {
        while (!stopping.signal.aborted) {
          await append().then(
            () => (acknowledged += 1),
            (error: unknown) => expect(error).toMatchObject({ code: 'storage_unavailable' }),
          );
          await pause(5);
        }
      }),
    );
    for (const heal of ['serve', 'serveNew'] as const) {
      await pause(200);
      proxy.fallSilent();
      await pause(2 * timeoutMs);
      proxy[heal]();
      await pause(2 * timeoutMs);
    }
    stopping.abort();
    await inTime(() => writing);
    const before = acknowledged;
    await untilServed(append);
    const sequences = (await database.read((stores) => stores.audit.listChain('c', 0, 100_000))).map(
      ({ sequence }) => sequence,
    );
    expect(sequences.length).toBeGreaterThan(before);
    expect(sequences).toEqual(sequences.map((_, index) => index + 1));
  });

  it.each([
    ['writes', '^commit$', append],
    ['reads', 'from "audit_event"', stored],
  ])('as one process that is stopped, and %s: another one serves', async (_what, query, act) => {
    await act();
    const pid = await findProcess(query, 'idle');
    if (pid === undefined) throw new Error('Nobody serves this database');
    process.kill(pid, 'SIGSTOP');
    try {
      // What had not begun is begun anew by itself, so it may be served; it never hangs.
      await inTime(() =>
        act().catch((error: unknown) => expect(error).toMatchObject({ code: 'storage_unavailable' })),
      );
      await untilServed(act);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });

  it('does not hold up the closing of its database', async () => {
    await stored();
    proxy.fallSilent();
    await inTime(() => database.close());
  });

  it('ends the upkeep of its tables, which is not cut off as long as anybody is answered', async () => {
    await administrator.query('begin');
    await administrator.query('lock table "secret" in share mode');
    const upkeep = database.purgeRemains();
    await pause(2.5 * timeoutMs);
    await administrator.query('commit');
    await upkeep;
    await administrator.query('begin');
    await administrator.query('lock table "secret" in share mode');
    const lost = expectLost(() => database.purgeRemains());
    await pause(100);
    proxy.fallSilent();
    await lost;
    await administrator.query('commit');
    proxy.serveNew();
    await untilServed(append);
  });

  const exporting = (onProgress?: (rows: number) => void) =>
    database.exportTo(join(folder, `${(snapshots += 1)}.snapshot`), onProgress);
  const fill = async () => {
    for (let rows = 0; rows < 5_000; rows += 500) await Promise.all(Array.from({ length: 500 }, append));
  };

  it('ends a backup, whether it waits for a table or has begun to read it', async () => {
    await fill();
    await administrator.query('begin');
    await administrator.query('lock table "audit_event" in access exclusive mode');
    const waiting = expectLost(() => exporting());
    await pause(100);
    proxy.fallSilent();
    await waiting;
    await administrator.query('commit');
    proxy.serveNew();
    await untilServed(append);
    await expectLost(() =>
      exporting((rows) => {
        if (rows > 1_000) proxy.fallSilent();
      }),
    );
  });

  it('is not what a backup takes a table for that somebody holds', async () => {
    await administrator.query('begin');
    await administrator.query('lock table "audit_event" in access exclusive mode');
    const waiting = exporting();
    await pause(4 * timeoutMs);
    await administrator.query('commit');
    expect(await waiting).toBeGreaterThan(0);
  });

  it('ends what waits for the migrations of another, and what fills a new database', async () => {
    await exporting();
    const snapshot = join(folder, `${snapshots}.snapshot`);
    await administrator.query('begin');
    await administrator.query('select id from migration_lock for update');
    const opening = expectLost(open);
    await pause(300);
    proxy.fallSilent();
    await opening;
    await administrator.query('commit');
    proxy.serve();
    await untilServed(append);

    const other = await startSilentProxy(await server.createDatabase());
    const restored = await openDatabase({ postgres: { url: other.url }, timeoutMs })(
      (stores) => new ChainScope(stores),
    );
    const holder = new pg.Client({ connectionString: other.url });
    holder.on('error', () => undefined);
    await holder.connect();
    await holder.query('begin');
    await holder.query('lock table "audit_event" in access exclusive mode');
    const filling = expectLost(() => restored.importFrom(snapshot));
    await pause(300);
    other.fallSilent();
    await filling;
    await inTime(() => restored.close());
    await other.close();
  });

  it('as a server that is stopped whole ends a backup too', async () => {
    await fill();
    const { rows } = await administrator.query<{ data: string }>(
      `select current_setting('data_directory') as data`,
    );
    const postmaster = Number(
      readFileSync(join(rows[0]?.data ?? '', 'postmaster.pid'), 'utf8').split('\n')[0],
    );
    const processesOf = (pid: number) =>
      execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
        .trim()
        .split(/\s+/);
    const stopped: number[] = [];
    try {
      await expectLost(() =>
        exporting((read) => {
          if (read <= 1_000 || stopped.length > 0) return;
          process.kill(postmaster, 'SIGSTOP');
          stopped.push(postmaster, ...processesOf(postmaster).map(Number));
          for (const pid of stopped) process.kill(pid, 'SIGSTOP');
        }),
      );
    } finally {
      for (const pid of stopped) process.kill(pid, 'SIGCONT');
    }
    await untilServed(append);
  });

  it('is not what a program that waits for the migrations of another takes it for', async () => {
    await administrator.query('begin');
    await administrator.query('select id from migration_lock for update');
    const opening = open();
    await pause(3 * timeoutMs);
    await administrator.query('commit');
    const another = await opening;
    await another.ping();
    await another.close();
  });
});
