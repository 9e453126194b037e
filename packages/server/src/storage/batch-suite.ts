import { CofferError } from '@coffer/contract';
import { afterEach, describe, expect, it } from 'vitest';
import type { Stores } from '../domain/stores.ts';
import { openDatabase, type DatabaseLocation, type StoredDatabase } from './database.ts';
import { ChainScope } from './testing/chain-scope.ts';
import * as rows from './testing/rows-suite.ts';

/** What a batch promises of the rows it keeps back and of what it reads ahead, on one engine. */
export const describeBatches = (engine: string, locateEmpty: () => Promise<DatabaseLocation>): void => {
  // Jobs that only append take another way where the engine has one; what they see and leave is the same.
  describe.each([false, true])(`batches of writes on ${engine}, only appending: %s`, (onlyAppends) => {
    const opened: StoredDatabase<ChainScope>[] = [];
    const open = async (): Promise<StoredDatabase<ChainScope>> => {
      const database = await openDatabase(await locateEmpty())((stores) => new ChainScope(stores));
      opened.push(database);
      await database.commit(rows.insertHouse);
      return {
        ...database,
        commit: (job, options) => database.commit(job, { ...options, onlyAppends }),
      };
    };
    afterEach(async () => {
      for (const database of opened.splice(0)) await database.close();
    });

    const nameOf = (number: number): string => `KEY_${number}`;
    const insertSecret = (stores: Stores, number: number) =>
      stores.secrets.insert(rows.secret({ id: rows.secretId(number), name: nameOf(number) }));
    /** As the domain does it: look, insert a version, move the slot, say who wrote. */
    const writeValue = async (stores: Stores, number: number): Promise<number> => {
      const secret = await stores.secrets.findByName(rows.agentId(), nameOf(number));
      if (secret === undefined) throw new CofferError('secret_not_found', { detail: 'no such secret' });
      const [slot] = await stores.secrets.listSlots([secret.id]);
      const last = (slot?.last ?? 0) + 1;
      await stores.secrets.insertVersion(rows.version({ secretId: secret.id, number: last }));
      await stores.secrets.saveSlot({
        ...{ secretId: secret.id, environment: '*' },
        ...{ current: last, last, oldest: 1 },
      });
      await stores.secrets.update(secret.id, { updatedAt: 100 + last, updatedBy: `writer ${last}` });
      return last;
    };
    const numbersOf = async (database: StoredDatabase<ChainScope>, number: number) =>
      (await database.read((stores) => stores.secrets.listVersions(rows.secretId(number)))).map(
        (version) => version.number,
      );

    it('many writes of one batch are stored, more than one statement takes', async () => {
      const database = await open();
      const count = 300;
      await database.commit(async (stores) => {
        for (let number = 1; number <= count; number += 1) {
          await insertSecret(stores, number);
          await writeValue(stores, number);
        }
      });
      const written = await Promise.all(
        Array.from({ length: count }, (_, at) => database.commit((stores) => writeValue(stores, at + 1))),
      );
      expect(written).toEqual(Array.from({ length: count }, () => 2));
      expect(await numbersOf(database, count)).toEqual([2, 1]);
      const secret = await database.read((stores) => stores.secrets.findByName(rows.agentId(), nameOf(7)));
      expect(secret).toMatchObject({ updatedAt: 102, updatedBy: 'writer 2' });
      const slots = await database.read((stores) => stores.secrets.listSlots([rows.secretId(9)]));
      expect(slots).toMatchObject([{ current: 2, last: 2 }]);
    });

    it('writes of one secret that meet in a batch each build on the one before', async () => {
      const database = await open();
      await database.commit((stores) => insertSecret(stores, 1));
      const written = await Promise.all(
        Array.from({ length: 20 }, () => database.commit((stores) => writeValue(stores, 1))),
      );
      expect(written).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
      expect(await numbersOf(database, 1)).toHaveLength(20);
    });

    it('whatever a batch reads later, in the same job or another, is as if each row had been stored at once', async () => {
      const database = await open();
      const look = async (stores: Stores) => ({
        versions: (await stores.secrets.listVersions(rows.secretId(1))).length,
        names: await stores.secrets.listNames(rows.agentId()),
        same: await stores.secrets.listWithFingerprint(rows.secretId(1), 'f1'),
        variants: await stores.secrets.listCaseVariants(rows.agentId(), 'key_1'),
        taken: await insertSecret(stores, 1),
        current: (await stores.secrets.listCurrent([rows.secretId(1)])).map(({ number }) => number),
      });
      const before = await database.commit(async (stores) => ({
        variants: await stores.secrets.listCaseVariants(rows.agentId(), 'key_1'),
        same: await stores.secrets.listWithFingerprint(rows.secretId(1), 'f1'),
      }));
      expect(before).toEqual({ variants: [], same: [] });
      const [own, other] = await Promise.all([
        database.commit(async (stores) => {
          await insertSecret(stores, 1);
          await writeValue(stores, 1);
          return look(stores);
        }),
        database.commit(look),
      ]);
      const expected = {
        versions: 1,
        names: ['KEY_1'],
        same: [{ environment: '*', number: 1 }],
        variants: ['KEY_1'],
        taken: false,
        current: [1],
      };
      expect(own).toEqual(expected);
      expect(other).toEqual(expected);
      expect(await database.read((stores) => stores.secrets.listNames(rows.agentId()))).toEqual(['KEY_1']);
    });

    it('a failed job leaves none of its rows, stored meanwhile or not, and keeps those of the others', async () => {
      const database = await open();
      await database.commit(async (stores) => {
        for (const number of [1, 2, 3]) await insertSecret(stores, number);
      });
      const fail = () => {
        throw new CofferError('version_conflict', { detail: 'no' });
      };
      const settled = await Promise.allSettled([
        database.commit((stores) => writeValue(stores, 1)),
        database.commit(async (stores) => {
          await writeValue(stores, 2);
          fail();
        }),
        database.commit(async (stores) => {
          await writeValue(stores, 2);
          await stores.secrets.listVersions(rows.secretId(2));
          await writeValue(stores, 2);
          fail();
        }),
        database.commit(async (stores) => {
          await stores.policy.save(rows.organizationId(), { half: true });
          await writeValue(stores, 3);
          fail();
        }),
        database.commit((stores) => writeValue(stores, 1)),
        database.commit((stores) => writeValue(stores, 2)),
      ]);
      expect(settled.map(({ status }) => status === 'fulfilled')).toEqual([
        true,
        false,
        false,
        false,
        true,
        true,
      ]);
      expect(await numbersOf(database, 1)).toEqual([2, 1]);
      expect(await numbersOf(database, 2)).toEqual([1]);
      expect(await numbersOf(database, 3)).toEqual([]);
      expect(await database.read((stores) => stores.policy.get(rows.organizationId()))).toEqual({});
    });

    it('a row the engine refuses fails its own job alone', async () => {
      const database = await open();
      const settled = await Promise.allSettled([
        database.commit((_stores, scope) => scope.append('c')),
        database.commit((stores) =>
          // There is no such organization.
          stores.secrets.insert(
            rows.secret({ id: rows.secretId(8), organizationId: rows.organizationId(9) }),
          ),
        ),
        database.commit(async (stores, scope) => {
          await insertSecret(stores, 1);
          await writeValue(stores, 1);
          return scope.append('c');
        }),
      ]);
      expect(settled).toMatchObject([
        { status: 'fulfilled', value: 1 },
        { status: 'rejected', reason: { reason: 'refused' } },
        { status: 'fulfilled', value: 2 },
      ]);
      expect(await numbersOf(database, 1)).toEqual([1]);
      expect(await database.read((stores) => stores.secrets.listNames(rows.agentId()))).toEqual(['KEY_1']);
    });

    it('a read the engine may refuse costs no other job of the batch anything', async () => {
      const database = await open();
      // PostgreSQL has no text with a NUL, and ends a transaction that asks for one.
      const nul = 'A\0B';
      const settled = await Promise.allSettled([
        database.commit((_stores, scope) => scope.append('c')),
        database.commit((stores) => stores.agents.find(rows.organizationId(), nul)),
        database.commit((stores) => insertSecret(stores, 1)),
        database.commit((stores) => stores.secrets.findByName(rows.agentId(), nul), {
          readAhead: async (stores) => {
            await stores.secrets.findByName(rows.agentId(), nul);
          },
        }),
        database.commit((_stores, scope) => scope.append('c')),
      ]);
      const kept = settled.filter((_, at) => at % 2 === 0);
      expect(kept).toMatchObject([
        { status: 'fulfilled', value: 1 },
        { status: 'fulfilled', value: true },
        { status: 'fulfilled', value: 2 },
      ]);
      for (const each of [settled[1], settled[3]])
        if (each.status === 'rejected') expect(each.reason).toMatchObject({ reason: 'refused' });
        else expect(each).toMatchObject({ value: undefined });
      expect(await database.read((stores) => stores.secrets.listNames(rows.agentId()))).toEqual(['KEY_1']);
    });

    it('what jobs read ahead is there for them, and what a job before changed is read anew', async () => {
      const database = await open();
      await database.commit(async (stores) => {
        await insertSecret(stores, 1);
        await writeValue(stores, 1);
      });
      const readAhead = async (stores: Stores): Promise<void> => {
        await Promise.all([
          stores.secrets.findByName(rows.agentId(), nameOf(1)),
          stores.secrets.listSlots([rows.secretId(1)]),
        ]);
      };
      const deleted = await Promise.allSettled([
        database.commit((stores) => writeValue(stores, 1), { readAhead }),
        database.commit((stores) => stores.secrets.update(rows.secretId(1), { deletedAt: 5 }), { readAhead }),
        database.commit((stores) => writeValue(stores, 1), { readAhead }),
      ]);
      expect(deleted).toMatchObject([
        { status: 'fulfilled', value: 2 },
        { status: 'fulfilled' },
        { status: 'rejected', reason: { code: 'secret_not_found' } },
      ]);
    });

    it('R-317 versions are destroyed by their numbers, and seals counted, many in one batch', async () => {
      const database = await open();
      const key = {
        organizationId: rows.organizationId(),
        purpose: 'data',
        rootKeyId: 'r',
        createdAt: 1,
      } as const;
      await database.commit(async (stores) => {
        await stores.wrappedKeys.insert({
          ...key,
          ...{ id: 'dk_1', generation: 1, wrapped: new Uint8Array([1]), seals: 5, retiredAt: null },
        });
        for (const number of [1, 2]) {
          await insertSecret(stores, number);
          for (let version = 1; version <= 4; version += 1) await writeValue(stores, number);
        }
      });
      await Promise.all(
        [1, 2].map((number) =>
          database.commit(async (stores) => {
            await stores.wrappedKeys.addSeals('dk_1', number);
            const range = { secretId: rows.secretId(number), environment: '*', first: 1, last: number + 1 };
            await stores.secrets.destroyVersions(range, 77);
          }),
        ),
      );
      const destroyed = async (number: number) =>
        (await database.read((stores) => stores.secrets.listVersions(rows.secretId(number))))
          .filter(({ sealed, destroyedAt }) => sealed === null && destroyedAt === 77)
          .map((version) => version.number);
      expect(await destroyed(1)).toEqual([2, 1]);
      expect(await destroyed(2)).toEqual([3, 2, 1]);
      const current = await database.read((stores) =>
        stores.wrappedKeys.findCurrent(rows.organizationId(), 'data'),
      );
      expect(current).toMatchObject({ seals: 8 });
    });
  });
};
