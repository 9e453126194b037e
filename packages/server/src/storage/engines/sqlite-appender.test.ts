import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { tellsLogLength } from './sqlite-connection.ts';
import { openSqlite } from './sqlite.ts';
import type { Engine } from './engine.ts';

const insert = 'insert into note (id, text) values (?, ?)';
const update = 'update note set text = ? where id = ? and text = ?';

describe('the thread that appends', () => {
  let folder: string;
  let path: string;
  let engine: Engine;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'coffer-appender-'));
    path = join(folder, 'coffer.db');
    engine = openSqlite(path);
    await engine.writer.execute('create table note (id integer primary key, text text not null)', []);
  });
  afterEach(async () => {
    await engine.close();
    rmSync(folder, { recursive: true });
  });

  const appender = () => {
    if (engine.appender === undefined) throw new Error('SQLite has an appender');
    return engine.appender;
  };
  const commit = async (session: ReturnType<typeof appender>): Promise<void> => {
    const { durable } = await session.commit();
    await durable;
  };
  const notes = async () => (await engine.reader.execute('select id, text from note order by id', [])).rows;

  it('keeps back what is written until the commit, and then all of it can be read', async () => {
    const session = appender();
    await session.begin(false);
    await session.executeEach(insert, [
      [1, 'one'],
      [2, 'two'],
    ]);
    expect(await session.execute(insert, [3, 'three'])).toEqual({ rows: [], changed: 0 });
    expect((await session.execute('select id from note', [])).rows).toEqual([]);
    await commit(session);
    expect(await notes()).toEqual([
      { id: 1, text: 'one' },
      { id: 2, text: 'two' },
      { id: 3, text: 'three' },
    ]);
  });

  it('does nothing of a transaction whose row has changed since it was read, and calls it a conflict', async () => {
    const session = appender();
    await engine.writer.execute(insert, [1, 'as it was read']);
    await engine.writer.execute(`update note set text = 'changed'`, []);
    await session.begin(false);
    await session.execute(insert, [2, 'two']);
    await session.changeOne(update, ['mine', 1, 'as it was read']);
    await expect(commit(session)).rejects.toMatchObject({ reason: 'conflict' });
    expect(await notes()).toEqual([{ id: 1, text: 'changed' }]);
    await session.begin(false);
    await session.changeOne(update, ['mine', 1, 'changed']);
    await commit(session);
    expect(await notes()).toEqual([{ id: 1, text: 'mine' }]);
  });

  it('a job that is rolled back leaves nothing of its own', async () => {
    const session = appender();
    await session.begin(false);
    session.savepoint();
    await session.execute(insert, [1, 'kept']);
    session.releaseSavepoint();
    session.savepoint();
    await session.execute(insert, [2, 'undone']);
    await session.rollbackToSavepoint();
    await commit(session);
    expect(await notes()).toEqual([{ id: 1, text: 'kept' }]);
  });

  it('a transaction that is rolled back leaves nothing to the next', async () => {
    const session = appender();
    await session.begin(false);
    await session.execute(insert, [1, 'undone']);
    await session.rollback();
    await session.begin(false);
    await session.execute(insert, [2, 'two']);
    await commit(session);
    expect(await notes()).toEqual([{ id: 2, text: 'two' }]);
  });

  it('takes a transaction while another is on its way, and does them in order', async () => {
    const session = appender();
    await session.begin(false);
    await session.execute(insert, [1, 'one']);
    const first = await session.commit();
    await session.begin(false);
    await session.changeOne(update, ['two', 1, 'one']);
    const second = await session.commit();
    await Promise.all([first.durable, second.durable]);
    expect(await notes()).toEqual([{ id: 1, text: 'two' }]);
  });

  it('a transaction that fails is none of the one behind it', async () => {
    const session = appender();
    await session.begin(false);
    await session.changeOne(update, ['mine', 1, 'absent']);
    const first = await session.commit();
    await session.begin(false);
    await session.execute(insert, [2, 'two']);
    const second = await session.commit();
    await expect(first.durable).rejects.toMatchObject({ reason: 'conflict' });
    await second.durable;
    expect(await notes()).toEqual([{ id: 2, text: 'two' }]);
  });

  it('waits for another process that writes', async () => {
    const other = new DatabaseSync(path);
    other.exec('begin immediate');
    const session = appender();
    await session.begin(false);
    await session.execute(insert, [1, 'one']);
    const committed = commit(session);
    await new Promise((resolve) => setTimeout(resolve, 100));
    other.exec('commit');
    other.close();
    await committed;
    expect(await notes()).toHaveLength(1);
  });

  it('says that a transaction may have been done whose thread died, and goes on in a new one', async () => {
    const threads: Worker[] = [];
    const notice = (thread: Worker) => threads.push(thread);
    process.on('worker', notice);
    const session = appender();
    await session.begin(false);
    await session.execute(insert, [1, 'one']);
    await commit(session);
    await session.begin(false);
    const counting =
      'with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000000) select max(i), ? from n';
    await session.execute(`insert into note (id, text) ${counting}`, ['two']);
    const committed = commit(session);
    await threads[0]?.terminate();
    await expect(committed).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: 'The database was lost while this was being stored; it may have been done.',
    });
    await session.begin(false);
    await session.execute(insert, [3, 'three']);
    await commit(session);
    expect((await notes()).map((note) => note['id'])).toEqual([1, 3]);
    expect(threads).toHaveLength(2);
    process.off('worker', notice);
  });

  it('says that the disk is full, and goes on when it is not', async () => {
    const session = appender();
    await session.begin(false);
    await session.execute('pragma max_page_count = 1', []);
    await commit(session);
    await session.begin(false);
    await session.execute(insert, [1, 'x'.repeat(100_000)]);
    await expect(commit(session)).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: 'The database is full; nothing was done.',
    });
    await session.begin(false);
    await session.execute(insert, [2, 'two']);
    await commit(session);
    expect(await notes()).toEqual([{ id: 2, text: 'two' }]);
  });

  describe('beside the thread that moves the log into the file', () => {
    const megabyte = 'x'.repeat(1_000_000);
    /** Rows of 80 MB, a megabyte in each transaction, which is more than a log is to have. */
    const fill = async (first: number) => {
      const session = appender();
      for (let id = first; id < first + 80; id += 1) {
        await session.begin(false);
        await session.execute(insert, [id, megabyte]);
        await commit(session);
      }
    };
    const sizeOf = (suffix: string) => statSync(`${path}${suffix}`).size / 1_000_000;

    it.runIf(tellsLogLength)(
      'goes on, and the log begins anew',
      async () => {
        await fill(0);
        await vi.waitFor(() => expect(sizeOf('')).toBeGreaterThan(60));
        await fill(80);
        await fill(160);
        const { rows } = await engine.reader.execute(
          'select count(*) as n, sum(length(text)) as size from note',
          [],
        );
        expect(rows).toEqual([{ n: 240, size: 240_000_000 }]);
        expect(sizeOf('-wal')).toBeLessThan(120);
        const other = new DatabaseSync(path);
        expect(other.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' });
        other.close();
      },
      30_000,
    );

    it.runIf(tellsLogLength)(
      'begins another where that one died',
      async () => {
        const threads: Worker[] = [];
        const notice = (thread: Worker) => threads.push(thread);
        process.on('worker', notice);
        await fill(0);
        expect(threads).toHaveLength(2);
        await threads[1]?.terminate();
        await fill(80);
        await fill(160);
        expect(threads).toHaveLength(3);
        process.off('worker', notice);
        expect(await notes()).toHaveLength(240);
      },
      30_000,
    );
  });
});
