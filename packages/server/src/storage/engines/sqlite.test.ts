import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CamelCasePlugin, Kysely } from 'kysely';
import { openDatabase, openDatabaseOver } from '../database.ts';
import { createSecretStore } from '../secret-store.ts';
import type { Tables } from '../tables.ts';
import { ChainScope } from '../testing/chain-scope.ts';
import * as rows from '../testing/rows-suite.ts';
import type { Session } from './engine.ts';
import { openSqlite } from './sqlite.ts';

describe('SQLite', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'coffer-sqlite-'));
    path = join(folder, 'coffer.db');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const open = () => openDatabase({ sqlite: { path } })((stores) => new ChainScope(stores));

  it('a full disk fails the whole batch, keeps what was acknowledged, and heals by itself', async () => {
    const engine = openSqlite(path);
    const database = await openDatabaseOver(engine, (stores) => new ChainScope(stores));
    const append = () => database.commit((_stores, scope) => scope.append('c'));
    for (let index = 0; index < 5; index += 1) await append();
    const { rows: pages } = await engine.writer.execute('pragma page_count', []);
    await engine.writer.execute(`pragma max_page_count = ${Number(pages[0]?.['page_count'])}`, []);

    let acknowledged = 5;
    let refused = 0;
    for (let index = 0; index < 100; index += 1) {
      const settled = await Promise.allSettled(Array.from({ length: 10 }, append));
      for (const each of settled) {
        if (each.status === 'fulfilled') acknowledged += 1;
        else {
          refused += 1;
          expect(each.reason).toMatchObject({
            code: 'storage_unavailable',
            message: 'The database is full; nothing was done.',
          });
        }
      }
    }
    expect(refused).toBeGreaterThan(0);
    expect(refused % 10).toBe(0);
    const stored = () => database.read((stores) => stores.audit.listChain('c', 0, 10_000));
    expect(await stored()).toHaveLength(acknowledged);

    await engine.writer.execute('pragma max_page_count = 1000000', []);
    expect(await append()).toBe(acknowledged + 1);
    expect(await stored()).toHaveLength(acknowledged + 1);
    await database.close();
  });

  describe('batches that only append, one behind the other', () => {
    const soon = () => new Promise((resolve) => setTimeout(resolve, 50));
    const onlyAppends = true;
    /** A database whose next transactions wait until another process, which holds the lock, lets them. */
    const openHeld = async () => {
      const database = await openDatabase({ sqlite: { path } })(
        (stores, after?: ChainScope) => new ChainScope(stores, after),
      );
      await database.commit(rows.insertHouse);
      for (const number of [1, 2])
        await database.commit((stores) =>
          stores.secrets.insert(rows.secret({ id: rows.secretId(number), name: `KEY_${number}` })),
        );
      const append = () => database.commit((_stores, scope) => scope.append('c'), { onlyAppends });
      await append();
      const other = new DatabaseSync(path);
      other.exec('begin immediate');
      return { database, append, other };
    };

    it('are stored in the order they came', async () => {
      const { database, append, other } = await openHeld();
      const appended: Promise<number>[] = [];
      for (let batch = 0; batch < 4; batch += 1) {
        appended.push(append(), append());
        await soon();
      }
      other.exec('commit');
      expect(await Promise.all(appended)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
      other.close();
      await database.close();
    });

    it('fail together where the first loses against another process, and are both done after all', async () => {
      const { database, append, other } = await openHeld();
      const first = append();
      await soon();
      const second = append();
      await soon();
      other.exec(`update audit_head set sequence = 2, mac = x'02' where chain = 'c'; commit`);
      expect(await Promise.all([first, second])).toEqual([3, 4]);
      const stored = await database.read((stores) => stores.audit.listChain('c', 0, 10));
      expect(stored.map(({ sequence }) => sequence)).toEqual([1, 3, 4]);
      other.close();
      await database.close();
    });

    it('a head that was taken over and never stored is no ground for an answer', async () => {
      const { database, append, other } = await openHeld();
      const first = append();
      await soon();
      const look = database.commit(async (_stores, scope) => (await scope.open('c'))?.sequence, {
        onlyAppends,
      });
      await soon();
      other.exec(`update audit_head set sequence = 7, mac = x'02' where chain = 'c'; commit`);
      expect(await first).toBe(8);
      expect(await look).toBe(8);
      other.close();
      await database.close();
    });

    it('a purge that another process holds up is done, and the batches after it go on', async () => {
      const { database, append, other } = await openHeld();
      other.exec('commit');
      // Enough that SQLite wants to count its tables anew, for which it needs the lock.
      await Promise.all(Array.from({ length: 300 }, append));
      other.exec('begin immediate');
      const purged = database.purgeRemains();
      const appended = append();
      await soon();
      other.exec('commit');
      await purged;
      expect(await appended).toBeGreaterThan(300);
      other.close();
      await database.close();
    });

    it('the second reads what the first changes once that is stored, and all else before', async () => {
      const { database, other } = await openHeld();
      const write = (number: number, version: number) =>
        database.commit(
          async (stores) => {
            const secret = await stores.secrets.findByName(rows.agentId(), `KEY_${number}`);
            if (secret === undefined) throw new Error('The secret is there');
            const [slot] = await stores.secrets.listSlots([secret.id]);
            await stores.secrets.saveSlot({
              ...{ secretId: secret.id, environment: '*' },
              ...{ current: version, last: version, oldest: 1 },
            });
            return slot?.last;
          },
          { onlyAppends },
        );
      const seen: string[] = [];
      const look = (number: number) =>
        database.commit(
          async (stores) => {
            const [slot] = await stores.secrets.listSlots([rows.secretId(number)]);
            seen.push(`${number}: ${slot?.last ?? 'none'}`);
            return slot?.last;
          },
          { onlyAppends },
        );
      const first = write(1, 7);
      await soon();
      const second = [look(2), look(1), look(2)];
      await soon();
      expect(seen).toEqual(['2: none']);
      other.exec('commit');
      expect(await first).toBeUndefined();
      expect(await Promise.all(second)).toEqual([undefined, 7, undefined]);
      other.close();
      await database.close();
    });
  });

  it.each([1, 10, 100])(
    'a start steps down an index to its secrets, also where %i of one owner were all there were when it was counted',
    async (count) => {
      const before = await open();
      await before.commit(rows.insertHouse);
      await before.commit(async (stores) => {
        for (let number = 1; number <= count; number += 1)
          await stores.secrets.insert(rows.secret({ id: rows.secretId(number), name: `KEY_${number}` }));
      });
      await before.close();
      const engine = openSqlite(path);
      const asked: string[] = [];
      const session: Session = {
        ...engine.reader,
        execute: (text, parameters) => {
          asked.push(text);
          return engine.reader.execute(text, parameters);
        },
      };
      const queries = new Kysely<Tables>({
        dialect: engine.createDialect(session),
        plugins: [new CamelCasePlugin()],
      });
      const owners = { agentId: rows.agentId(), projectId: rows.projectId() };
      await createSecretStore({ engine, session, queries }).listForAgent(owners, ['production', '*']);
      await engine.close();
      const plain = new DatabaseSync(path);
      const plan = asked.flatMap((text) => plain.prepare(`explain query plan ${text}`).all('', '', '', ''));
      plain.close();
      expect(plan.map(({ detail }) => detail)).toMatchObject([
        expect.stringMatching(/^SEARCH secret USING INDEX secret_by_name /),
        expect.stringMatching(/^SEARCH value_slot USING PRIMARY KEY /),
        expect.stringMatching(/^SEARCH version USING INDEX /),
      ]);
    },
  );

  it('a folder that cannot be written refuses to open, and says why', async () => {
    const missing = openDatabase({ sqlite: { path: join(folder, 'absent', 'coffer.db') } });
    await expect(missing((stores) => new ChainScope(stores))).rejects.toMatchObject({
      code: 'storage_unavailable',
    });
    writeFileSync(path, 'this is not a database, and long enough to be read as the header of one'.repeat(20));
    await expect(open()).rejects.toMatchObject({ code: 'storage_unavailable' });
  });

  it('a folder that may only be read refuses to open, and says why', async () => {
    chmodSync(folder, 0o555);
    // Permissions do not hold root back, so the test stops being root for a moment.
    const root = process.geteuid?.() === 0;
    if (root) process.seteuid?.(65_534);
    await expect(open().finally(() => root && process.seteuid?.(0))).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: 'The database cannot be written; nothing was done.',
    });
    chmodSync(folder, 0o700);
  });

  it('the database and its copies are readable by their owner alone', async () => {
    const database = await open();
    const copy = join(folder, 'copy.db');
    await database.copyTo?.(copy);
    for (const file of [path, `${path}-wal`, copy]) expect(statSync(file).mode & 0o077).toBe(0);
    await expect(database.copyTo?.(copy)).rejects.toMatchObject({ code: 'EEXIST' });
    await database.close();
  });

  it('R-166 what was destroyed is nowhere in the file or its log after the purge', async () => {
    const database = await open();
    await database.commit(rows.insertHouse);
    const planted = 'planted-value-8f1c2e77';
    const sealed = new TextEncoder().encode(planted.repeat(300));
    const files = () => [path, `${path}-wal`].filter(existsSync).map((file) => readFileSync(file, 'latin1'));
    await database.commit(async (stores) => {
      for (let number = 1; number <= 20; number += 1) {
        await stores.secrets.insert(rows.secret({ id: rows.secretId(number), name: `S${number}` }));
        await stores.secrets.insertVersion(rows.version({ secretId: rows.secretId(number), sealed }));
        await stores.secrets.insertVersion(
          rows.version({ secretId: rows.secretId(number), number: 2, sealed: null, text: planted }),
        );
      }
    });
    expect(files().some((content) => content.includes(planted))).toBe(true);
    await database.commit(async (stores) => {
      for (let number = 1; number <= 19; number += 1) await stores.secrets.destroy(rows.secretId(number));
      await stores.secrets.destroyVersion(rows.secretId(20), '*', 1, 5);
      await stores.secrets.destroyVersion(rows.secretId(20), '*', 2, 5);
    });
    await database.purgeRemains();
    expect(statSync(`${path}-wal`).size).toBe(0);
    for (const content of files()) expect(content.includes(planted)).toBe(false);
    await database.close();
  });

  it('R-166 what was destroyed while somebody read an older state leaves the log once that is over', async () => {
    const planted = 'kilo-quiet-november-4471-planted';
    const database = await open();
    const log = () => readFileSync(`${path}-wal`, 'latin1');
    await database.commit(async (stores) => {
      await rows.insertHouse(stores);
      await stores.secrets.insert(rows.secret());
      await stores.secrets.insertVersion(rows.version({ sealed: null, text: planted }));
    });
    const reader = new DatabaseSync(path);
    reader.exec('begin');
    reader.prepare('select count(*) from version').get();
    await database.commit((stores) => stores.secrets.destroy(rows.secretId()));
    await database.purgeRemains();
    expect(log()).toContain(planted);
    const append = () => database.commit((_stores, scope) => scope.append('c'), { onlyAppends: true });
    expect(await append()).toBe(1);
    reader.close();
    await vi.waitFor(() => expect(log()).not.toContain(planted), { timeout: 5_000, interval: 50 });
    expect(readFileSync(path, 'latin1')).not.toContain(planted);
    expect(await append()).toBe(2);
    await database.close();
  });

  it('a copy made while writers go on is one consistent moment, and reports its progress', async () => {
    const database = await open();
    const append = () => database.commit((_stores, scope) => scope.append('c'));
    for (let batch = 0; batch < 60; batch += 1) await Promise.all(Array.from({ length: 200 }, append));
    const copy = join(folder, 'copy.db');
    const progress: number[] = [];
    const copying = new AbortController();
    const copied = database
      .copyTo?.(copy, (fraction) => progress.push(fraction))
      .finally(() => copying.abort());
    let during = 0;
    while (!copying.signal.aborted) {
      await Promise.all(Array.from({ length: 20 }, append));
      during += 20;
    }
    await copied;
    expect(during).toBeGreaterThan(0);
    expect(progress.at(-1)).toBe(1);
    expect(progress.length).toBeGreaterThan(1);
    const reader = new DatabaseSync(copy);
    expect(reader.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' });
    const counted = reader
      .prepare(`select count(*) as events, max(sequence) as newest from audit_event`)
      .get();
    const head = reader.prepare(`select sequence from audit_head where chain = 'c'`).get();
    expect(counted?.['events']).toBe(head?.['sequence']);
    expect(counted?.['newest']).toBe(head?.['sequence']);
    expect(Number(head?.['sequence'])).toBeGreaterThanOrEqual(12_000);
    reader.close();
    await database.close();
  }, 60_000);

  it('commits are flushed, the log is ahead of the file, and references are checked', async () => {
    const engine = openSqlite(path);
    const setting = async (name: string) =>
      Object.values((await engine.writer.execute(`pragma ${name}`, [])).rows[0] ?? {})[0];
    expect(await setting('journal_mode')).toBe('wal');
    expect(await setting('synchronous')).toBe(2);
    expect(await setting('foreign_keys')).toBe(1);
    expect(await setting('secure_delete')).toBe(1);
    await engine.close();
  });

  it('a database that is closed answers that it is', async () => {
    const database = await open();
    await database.close();
    await expect(database.read((stores) => stores.organizations.count())).rejects.toMatchObject({
      code: 'storage_unavailable',
    });
    await expect(database.ping()).rejects.toMatchObject({ code: 'storage_unavailable' });
  });
});
