import { hasPostgres, startPostgres, type RunningPostgres } from '@coffer/testkit';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase, type StoredDatabase } from '../database.ts';
import { ChainScope } from '../testing/chain-scope.ts';
import * as rows from '../testing/rows-suite.ts';

describe.skipIf(!hasPostgres())('PostgreSQL', () => {
  let server: RunningPostgres;
  let administrator: pg.Client;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  const withDatabase = async (
    act: (database: StoredDatabase<ChainScope>, url: string) => Promise<void>,
  ): Promise<void> => {
    const url = await server.createDatabase();
    administrator = new pg.Client({ connectionString: url });
    administrator.on('error', () => undefined);
    await administrator.connect();
    const database = await openDatabase({ postgres: { url }, poolSize: 3 })(
      (stores) => new ChainScope(stores),
    );
    try {
      await act(database, url);
    } finally {
      await database.close();
      await administrator.end().catch(() => undefined);
    }
  };

  const killOthers = () =>
    administrator.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    );
  const append = (database: StoredDatabase<ChainScope>) =>
    database.commit((_stores, scope) => scope.append('c'));
  const stored = async (database: StoredDatabase<ChainScope>) =>
    (await database.read((stores) => stores.audit.listChain('c', 0, 1_000))).map(({ sequence }) => sequence);

  it('connections that were killed while idle are replaced without an error', () =>
    withDatabase(async (database) => {
      await append(database);
      await stored(database);
      await killOthers();
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(await append(database)).toBe(2);
      expect(await stored(database)).toEqual([1, 2]);
    }));

  it('a connection killed in the middle of a batch undoes the batch and says so; the next one serves', () =>
    withDatabase(async (database) => {
      await append(database);
      const settled = await Promise.allSettled([
        append(database),
        database.commit(async (stores) => {
          await stores.policy.save(rows.organizationId(), { half: true });
          await killOthers();
          await new Promise((resolve) => setTimeout(resolve, 50));
        }),
        append(database),
      ]);
      for (const each of settled)
        expect(each).toMatchObject({ status: 'rejected', reason: { code: 'storage_unavailable' } });
      expect(await stored(database)).toEqual([1]);
      expect(await database.read((stores) => stores.policy.get(rows.organizationId()))).toEqual({});
      expect(await append(database)).toBe(2);
    }));

  it('a server that goes away and comes back is served again, and nothing acknowledged is lost', () =>
    withDatabase(async (database) => {
      await append(database);
      let acknowledged = 1;
      const stopping = new AbortController();
      const writing = (async () => {
        while (!stopping.signal.aborted) {
          await append(database).then(
            () => (acknowledged += 1),
            (error: unknown) => expect(error).toMatchObject({ code: 'storage_unavailable' }),
          );
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      })();
      await server.restart();
      await new Promise((resolve) => setTimeout(resolve, 300));
      stopping.abort();
      await writing;
      await database.ping();
      await append(database);
      // A commit may be durable although its answer was lost with the server, so there may be more, never fewer.
      const sequences = await stored(database);
      expect(sequences.length).toBeGreaterThan(acknowledged);
      expect(sequences).toEqual(sequences.map((_, index) => index + 1));
    }));

  it('a batch that loses to another transaction runs again, whole', () =>
    withDatabase(async (database, url) => {
      await append(database);
      const rival = new pg.Client({ connectionString: url });
      await rival.connect();
      await rival.query('begin');
      await rival.query(`update audit_head set changes = 7 where chain = 'c'`);
      let runs = 0;
      const committed = Promise.all([
        database.commit(async (stores, scope) => {
          runs += 1;
          await stores.policy.save(rows.organizationId(), { run: runs });
          return scope.append('c');
        }),
        append(database),
      ]);
      await new Promise((resolve) => setTimeout(resolve, 100));
      // Waits for the batch's row while the batch waits for its own: PostgreSQL ends one of the two.
      const other = rival.query(
        `insert into policy (organization_id, switches) values ('${rows.organizationId()}', '{}')`,
      );
      const rivalLost = await other.then(
        () => rival.query('commit').then(() => false),
        () => rival.query('rollback').then(() => true),
      );
      expect(await committed).toEqual([2, 3]);
      expect(rivalLost || runs > 1).toBe(true);
      expect(await database.read((stores) => stores.policy.get(rows.organizationId()))).toEqual({
        run: runs,
      });
      await rival.end();
    }));

  it('batches of two pools that need the same chains, each in its own order, never run into each other', () =>
    withDatabase(async (database, url) => {
      const other = await openDatabase({ postgres: { url } })((stores) => new ChainScope(stores));
      for (const chain of ['a', 'b']) await database.commit((_stores, scope) => scope.append(chain));
      let runs = 0;
      const appendTo = (pool: StoredDatabase<ChainScope>, chain: string) =>
        pool.commit(
          async (_stores, scope) => {
            runs += 1;
            const sequence = await scope.append(chain);
            await new Promise((resolve) => setTimeout(resolve, 3));
            return sequence;
          },
          { chains: [chain] },
        );
      const rounds = 20;
      for (let round = 0; round < rounds; round += 1)
        await Promise.all([
          ...['a', 'b'].map((chain) => appendTo(database, chain)),
          ...['b', 'a'].map((chain) => appendTo(other, chain)),
        ]);
      expect(runs).toBe(rounds * 4);
      await other.close();
    }));

  it('a place that does not answer is unavailable, not a crash', async () => {
    const open = openDatabase({ postgres: { url: 'postgres://postgres@127.0.0.1:1/none' } });
    await expect(open((stores) => new ChainScope(stores))).rejects.toMatchObject({
      code: 'storage_unavailable',
    });
    const absent = openDatabase({ postgres: { url: server.url.replace(/postgres$/, 'absent') } });
    await expect(absent((stores) => new ChainScope(stores))).rejects.toMatchObject({
      code: 'storage_unavailable',
    });
  });

  it('deleted rows are vacuumed while the database is in use', () =>
    withDatabase(async (database) => {
      await database.commit(rows.insertHouse);
      await database.commit((stores) => stores.secrets.insert(rows.secret()));
      await database.commit((stores) => stores.secrets.destroy(rows.secretId()));
      await database.purgeRemains();
      const { rows: vacuumed } = await administrator.query<{ at: Date | null }>(
        `select last_vacuum as at from pg_stat_user_tables where relname = 'secret'`,
      );
      expect(vacuumed[0]?.at).toBeInstanceOf(Date);
    }));
});
