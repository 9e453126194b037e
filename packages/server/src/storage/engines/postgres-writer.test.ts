import { hasPostgres, startPostgres, type RunningPostgres } from '@coffer/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from './engine.ts';
import { openPostgres } from './postgres.ts';

describe.skipIf(!hasPostgres())('the session that writes to PostgreSQL', () => {
  let server: RunningPostgres;
  let engine: Engine;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    engine = openPostgres(await server.createDatabase());
    await engine.writer.execute('create table note (id integer primary key, text text not null)', []);
    await engine.writer.execute(`insert into note values (1, 'one')`, []);
  });
  afterEach(() => engine.close());

  const find = () => engine.writer.execute('select * from note where id = $1', [1]);
  const findInTransaction = async () => {
    await engine.writer.begin();
    const { rows } = await find();
    await engine.writer.commit();
    return rows;
  };

  it('says that a commit whose answer is lost may have been done, and one that is refused has not', async () => {
    const atCommit = async (act: string) => {
      await engine.writer.execute(
        `create or replace function at_commit() returns trigger language plpgsql as $$ begin ${act}; return null; end $$`,
        [],
      );
      await engine.writer.begin();
      await engine.writer.execute(`insert into note values (2, 'two')`, []);
      return engine.writer.commit();
    };
    await engine.writer.execute(
      'create function at_commit() returns trigger language plpgsql as $$ begin return null; end $$',
      [],
    );
    await engine.writer.execute(
      'create constraint trigger at_commit after insert on note deferrable initially deferred for each row execute function at_commit()',
      [],
    );
    await expect(atCommit('perform pg_terminate_backend(pg_backend_pid())')).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: 'The database was lost while this was being stored; it may have been done.',
    });
    await engine.writer.rollback();
    await expect(atCommit(`raise sqlstate '53100'`)).rejects.toMatchObject({
      message: 'The database is full; nothing was done.',
    });
  });

  it.each([
    ['their tables are changed', 'alter table note add column later text', { later: null }],
    ['the server throws them away', 'deallocate all', {}],
  ])(
    'makes kept statements anew where %s: the transaction is a conflict, and runs again',
    async (_why, change, added) => {
      for (let times = 0; times < 3; times += 1)
        expect(await findInTransaction()).toEqual([{ id: 1, text: 'one' }]);
      await engine.writer.execute(change, []);
      await engine.writer.begin();
      await expect(find()).rejects.toMatchObject({ reason: 'conflict' });
      expect(engine.writer.fault).toBe('conflict');
      await engine.writer.rollback();
      for (let times = 0; times < 3; times += 1)
        expect(await findInTransaction()).toEqual([{ id: 1, text: 'one', ...added }]);
    },
  );
});
