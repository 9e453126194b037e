import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CofferError } from '@coffer/contract';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { openDatabase, openEngine, type DatabaseLocation, type StoredDatabase } from './database.ts';
import { ChainScope } from './testing/chain-scope.ts';
import * as rows from './testing/rows-suite.ts';

const runFile = promisify(execFile);
const appendEvents = new URL('testing/append-events.ts', import.meta.url).pathname;

/** What the commit queue and the migrations promise, on one engine. */
export const describeQueue = (engine: string, locateEmpty: () => Promise<DatabaseLocation>): void => {
  describe(`commits on ${engine}`, () => {
    const folders: string[] = [];
    const newFile = async (): Promise<string> => {
      const folder = await mkdtemp(join(tmpdir(), 'coffer-snapshot-'));
      folders.push(folder);
      return join(folder, 'snapshot.jsonl');
    };
    const opened: StoredDatabase<ChainScope>[] = [];
    const scopes: ChainScope[] = [];
    const open = async (location: DatabaseLocation): Promise<StoredDatabase<ChainScope>> => {
      const database = await openDatabase(location)((stores, after?: ChainScope) => {
        const scope = new ChainScope(stores, after);
        scopes.push(scope);
        return scope;
      });
      opened.push(database);
      return database;
    };
    afterEach(async () => {
      for (const database of opened.splice(0)) await database.close();
      scopes.length = 0;
      for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
    });

    const sequences = async (database: StoredDatabase<ChainScope>, chain: string) =>
      (await database.read((stores) => stores.audit.listChain(chain, 0, 10_000))).map(
        ({ sequence }) => sequence,
      );

    it('jobs that arrive together share one transaction, and each gets its own result', async () => {
      const database = await open(await locateEmpty());
      const results = await Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          database.commit(async (_stores, scope) => [index, await scope.append('c')]),
        ),
      );
      expect(results).toEqual(Array.from({ length: 100 }, (_, index) => [index, index + 1]));
      expect(scopes).toHaveLength(1);
      expect(scopes[0]?.commits).toBe(1);
      expect(await sequences(database, 'c')).toHaveLength(100);
    });

    it('a batch has at most 256 jobs', async () => {
      const database = await open(await locateEmpty());
      await Promise.all(
        Array.from({ length: 600 }, () => database.commit((_stores, scope) => scope.append('c'))),
      );
      expect(scopes.map(({ commits }) => commits)).toEqual([1, 1, 1]);
      expect(await sequences(database, 'c')).toEqual(Array.from({ length: 600 }, (_, index) => index + 1));
    });

    it('a failed job takes back what it wrote and buffered, and the others are kept', async () => {
      const database = await open(await locateEmpty());
      const settled = await Promise.allSettled([
        database.commit(async (stores, scope) => {
          await stores.policy.save(rows.organizationId(1), { kept: true });
          return scope.append('c');
        }),
        database.commit(async (stores, scope) => {
          await scope.append('c');
          await stores.policy.save(rows.organizationId(1), { kept: false });
          await stores.policy.save(rows.organizationId(2), {});
          throw new CofferError('secret_exists', { detail: 'taken' });
        }),
        database.commit(
          async (_stores, scope) => {
            await scope.append('c');
            throw new CofferError('forbidden', { detail: 'no' });
          },
          { afterFailure: (_error, scope) => scope.record('c', 'refusal') },
        ),
        database.commit((_stores, scope) => scope.append('c')),
      ]);
      expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
      expect(settled[1]).toMatchObject({ reason: { code: 'secret_exists' } });
      expect(settled[2]).toMatchObject({ reason: { code: 'forbidden' } });
      const events = await database.read((stores) => stores.audit.listChain('c', 0, 10));
      expect(events.map(({ action }) => action)).toEqual(['test.act', 'refusal', 'test.act']);
      expect(await database.read((stores) => stores.policy.get(rows.organizationId(1)))).toEqual({
        kept: true,
      });
      expect(await database.read((stores) => stores.policy.get(rows.organizationId(2)))).toEqual({});
    });

    it('a row that stands in the way fails its own job alone', async () => {
      const database = await open(await locateEmpty());
      const person = { id: rows.personId(), email: 'a@example.com', name: '', createdAt: 1 };
      await database.commit((stores) => stores.members.insertPerson(person));
      const [taken, other] = await Promise.allSettled([
        database.commit((stores) => stores.members.insertPerson({ ...person, id: rows.personId(2) })),
        database.commit((_stores, scope) => scope.append('c')),
      ]);
      expect(taken).toMatchObject({ status: 'rejected', reason: { reason: 'taken' } });
      expect(String(taken.status === 'rejected' ? taken.reason : '')).not.toContain('a@example.com');
      expect(other).toMatchObject({ status: 'fulfilled' });
      expect(await sequences(database, 'c')).toEqual([1]);
    });

    it('batches that only append take turns with those that do more, and each settles once it can be read', async () => {
      const database = await open(await locateEmpty());
      await Promise.all(
        Array.from({ length: 90 }, async (_, index) => {
          const onlyAppends = index % 4 > 0;
          for (let round = 0; round < 5; round += 1) {
            const sequence = await database.commit((_stores, scope) => scope.append('c'), { onlyAppends });
            expect(await sequences(database, 'c')).toContain(sequence);
          }
        }),
      );
      expect(await sequences(database, 'c')).toEqual(Array.from({ length: 450 }, (_, index) => index + 1));
    });

    it('two pools that only append leave no gap in a chain, and lose nothing', async () => {
      const location = await locateEmpty();
      const pools = await Promise.all([open(location), open(location)]);
      const given = await Promise.all(
        Array.from({ length: 200 }, async (_, index) => {
          await new Promise((resolve) => setTimeout(resolve, index % 11));
          return pools[index % 2]?.commit((_stores, scope) => scope.append('c'), { onlyAppends: true });
        }),
      );
      const all = Array.from({ length: 200 }, (_, index) => index + 1);
      expect(await sequences(pools[0], 'c')).toEqual(all);
      expect(given.toSorted((one, other) => Number(one) - Number(other))).toEqual(all);
    });

    it('a failed job that only appends takes back its own rows, and leaves its refusal', async () => {
      const database = await open(await locateEmpty());
      const append = () => database.commit((_stores, scope) => scope.append('c'), { onlyAppends: true });
      const fail = () =>
        database.commit(
          async (_stores, scope) => {
            await scope.append('c');
            throw new Error('no');
          },
          { onlyAppends: true, afterFailure: (_error, scope) => scope.record('c', 'refusal') },
        );
      const [first, failed, last] = await Promise.allSettled([append(), fail(), append()]);
      expect([first.status, failed.status, last.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      const events = await database.read((stores) => stores.audit.listChain('c', 0, 10));
      expect(events.map(({ action }) => action)).toEqual(['test.act', 'refusal', 'test.act']);
    });

    it('a batch whose flush fails did nothing, and says so to every job', async () => {
      const database = await openDatabase(await locateEmpty())((stores) => {
        const scope = new ChainScope(stores);
        scope.flush = () => Promise.reject(new Error('the audit cannot be written'));
        return scope;
      });
      opened.push(database);
      const settled = await Promise.allSettled([
        database.commit((stores) => stores.policy.save(rows.organizationId(1), { a: 1 })),
        database.commit((_stores, scope) => scope.append('c')),
      ]);
      for (const each of settled)
        expect(each).toMatchObject({ status: 'rejected', reason: { code: 'storage_unavailable' } });
      expect(await database.read((stores) => stores.policy.get(rows.organizationId(1)))).toEqual({});
    });

    it('a promise settles only when others can read what was done', async () => {
      const database = await open(await locateEmpty());
      for (let round = 1; round <= 20; round += 1) {
        await database.commit((stores) => stores.policy.save(rows.organizationId(), { round }));
        expect(await database.read((stores) => stores.policy.get(rows.organizationId()))).toEqual({ round });
      }
    });

    it('closing answers everything that was taken, and takes nothing more', async () => {
      const database = await open(await locateEmpty());
      const taken = Promise.all(
        Array.from({ length: 300 }, () => database.commit((_stores, scope) => scope.append('c'))),
      );
      const closed = database.close();
      await expect(database.commit(() => Promise.resolve(1))).rejects.toMatchObject({
        code: 'storage_unavailable',
      });
      expect(await taken).toHaveLength(300);
      await closed;
    });

    it('writers in several processes and pools leave no gap in a chain', async () => {
      const location = await locateEmpty();
      const databases = await Promise.all([open(location), open(location)]);
      const others = [1, 2].map(() =>
        runFile(process.execPath, [appendEvents, JSON.stringify(location), 'c', '60']),
      );
      await Promise.all(
        Array.from({ length: 60 }, async (_, index) => {
          const database = databases[index % 2];
          await new Promise((resolve) => setTimeout(resolve, index * 3));
          await database?.commit((_stores, scope) => scope.append('c'), { onlyAppends: index % 3 > 0 });
        }),
      );
      await Promise.all(others);
      expect(await sequences(databases[0], 'c')).toEqual(
        Array.from({ length: 180 }, (_, index) => index + 1),
      );
    }, 60_000);

    it('two processes and two pools that start on a new database at once all serve', async () => {
      const location = await locateEmpty();
      const others = [1, 2].map(() =>
        runFile(process.execPath, [appendEvents, JSON.stringify(location), 'c', '1']),
      );
      const [first] = await Promise.all([open(location), open(location)]);
      await Promise.all(others);
      expect(await sequences(first, 'c')).toEqual([1, 2]);
    }, 60_000);

    it('a database of a newer program is refused, and left as it is', async () => {
      const location = await locateEmpty();
      await (await open(location)).close();
      const engine = openEngine(location);
      await engine.writer.execute(
        `insert into migration (name, timestamp) values ('9999-later', '2099-01-01')`,
        [],
      );
      await engine.close();
      await expect(open(location)).rejects.toMatchObject({
        code: 'database_too_new',
        message: expect.stringContaining('9999-later') as string,
      });
    });

    it('a database opens again with what it held', async () => {
      const location = await locateEmpty();
      const first = await open(location);
      await first.commit(rows.insertHouse);
      const second = await open(location);
      expect(await second.read((stores) => stores.organizations.count())).toBe(1);
    });

    it('a snapshot of a database in use fills an empty one, and nothing but an empty one', async () => {
      const database = await open(await locateEmpty());
      await database.commit(async (stores) => {
        await rows.insertHouse(stores);
        await stores.secrets.insert(rows.secret());
        await stores.secrets.insertVersion(rows.version());
        await stores.secrets.saveSlot({
          secretId: rows.secretId(),
          environment: '*',
          current: 1,
          last: 1,
          oldest: 1,
        });
        await stores.workloads.insert([rows.workload()]);
      });
      await Promise.all(
        Array.from({ length: 700 }, () => database.commit((_stores, scope) => scope.append('c'))),
      );
      const path = await newFile();
      const writing = Promise.all(
        Array.from({ length: 50 }, () => database.commit((_stores, scope) => scope.append('c'))),
      );
      const exported = await database.exportTo(path);
      await writing;
      const copy = await open(await locateEmpty());
      expect(await copy.importFrom(path)).toBe(exported);
      const copied = await copy.read((stores) => stores.audit.listChain('c', 0, 10_000));
      const original = await database.read((stores) => stores.audit.listChain('c', 0, copied.length));
      expect(copied.length).toBeGreaterThanOrEqual(700);
      expect(copied).toEqual(original);
      expect(await copy.read((stores) => stores.audit.findHead('c'))).toMatchObject({
        sequence: copied.length,
      });
      expect(await copy.read((stores) => stores.secrets.listCurrent([rows.secretId()]))).toEqual([
        rows.version(),
      ]);
      expect(await copy.read((stores) => stores.workloads.findById(rows.workload().id))).toEqual(
        rows.workload(),
      );
      await expect(copy.importFrom(path)).rejects.toMatchObject({ code: 'usage_error' });
      await expect(database.exportTo(path)).rejects.toMatchObject({ code: 'EEXIST' });
    });

    it('R-314 a snapshot keeps every text as it is, whatever ends a line elsewhere', async () => {
      const lineEnds = ['\n', '\r', '\r\n', '\u2028', '\u2029', '\u0085', '\v', '\f'];
      const text = fc.string({
        unit: fc.oneof(fc.constantFrom(...lineEnds), fc.string({ unit: 'grapheme' })),
      });
      const texts = [...lineEnds, 'é'.repeat(70_000), ...fc.sample(text, 300)].map((one) =>
        // PostgreSQL keeps no such text; the edge refuses it.
        one.replaceAll('\0', ''),
      );
      const database = await open(await locateEmpty());
      await database.commit(async (stores) => {
        await rows.insertHouse(stores);
        for (const [index, description] of texts.entries())
          await stores.secrets.insert(
            rows.secret({ id: rows.secretId(index), name: `NAME_${index}`, description }),
          );
      });
      const path = await newFile();
      await database.exportTo(path);
      const copy = await open(await locateEmpty());
      await copy.importFrom(path);
      const listed = await copy.read((stores) =>
        stores.secrets.list(rows.secret().ownerId, { deleted: false, limit: 1000 }),
      );
      const byName = new Map(listed.map(({ name, description }) => [name, description]));
      expect(texts.map((_, index) => byName.get(`NAME_${index}`))).toEqual(texts);
    });

    it('a snapshot that is cut off, altered or of another release leaves the database empty', async () => {
      const database = await open(await locateEmpty());
      await database.commit(rows.insertHouse);
      const path = await newFile();
      await database.exportTo(path);
      const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
      const copy = await open(await locateEmpty());
      const broken = [
        lines.slice(0, -1),
        lines.filter((line) => !line.includes('ada@example.com')),
        ['{"format":2,"migration":"0001-initial"}', ...lines.slice(1)],
        ['{"format":1,"migration":"0000-other"}', ...lines.slice(1)],
        [...lines.slice(0, 3), 'not json', ...lines.slice(3)],
        [],
      ];
      for (const each of broken) {
        const file = await newFile();
        await writeFile(file, each.join('\n'));
        await expect(copy.importFrom(file)).rejects.toMatchObject({ code: 'file_invalid' });
        expect(await copy.read((stores) => stores.organizations.count())).toBe(0);
      }
      expect(await copy.importFrom(path)).toBe(lines.length - 22);
    });
  });
};
