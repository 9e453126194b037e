import type { SealedPlace } from '../domain/secrets/port.ts';
import type { MemberId } from '@coffer/contract';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Stores } from '../domain/stores.ts';
import { openDatabase, type DatabaseLocation, type StoredDatabase } from './database.ts';
import { ChainScope } from './testing/chain-scope.ts';
import * as rows from './testing/rows-suite.ts';

const { organizationId, memberId, projectId, agentId, secretId, keyId, workloadId } = rows;
const everything = { limit: 100 };

/** What every store promises, against an empty database of one engine. */
export const describeStores = (engine: string, locateEmpty: () => Promise<DatabaseLocation>): void => {
  describe(`stores on ${engine}`, () => {
    let database: StoredDatabase<ChainScope>;

    beforeEach(async () => {
      database = await openDatabase(await locateEmpty())((stores) => new ChainScope(stores));
      await database.commit(rows.insertHouse);
    });
    afterEach(() => database.close());

    const read = <Result>(query: (stores: Stores) => Promise<Result>) => database.read(query);
    const write = <Result>(job: (stores: Stores) => Promise<Result>) => database.commit(job);

    it('an organization is found by id and by slug', async () => {
      const acme = { id: organizationId(), slug: 'acme', name: 'Acme', createdAt: 1 };
      expect(await read((stores) => stores.organizations.find('acme'))).toEqual(acme);
      expect(await read((stores) => stores.organizations.find(organizationId()))).toEqual(acme);
      expect(await read((stores) => stores.organizations.find('other'))).toBeUndefined();
      expect(await read((stores) => stores.organizations.list())).toEqual([acme]);
      expect(await read((stores) => stores.organizations.count())).toBe(1);
    });

    it('a member is found by id and email until removed, and by get also after', async () => {
      const found = await read((stores) => stores.members.find(organizationId(), 'ada@example.com'));
      expect(found).toMatchObject({ id: memberId(), name: 'Ada', role: 'owner', removedAt: null });
      expect(await read((stores) => stores.members.find(organizationId(), memberId()))).toEqual(found);
      expect(await read((stores) => stores.members.countOwners(organizationId()))).toBe(1);
      expect(await read((stores) => stores.members.findFirstOwner())).toMatchObject({
        email: 'ada@example.com',
      });
      expect(await read((stores) => stores.members.listOfPerson(rows.personId()))).toMatchObject([
        { organizationSlug: 'acme' },
      ]);
      await write((stores) => stores.members.updateRole(memberId(), 'admin'));
      expect(await read((stores) => stores.members.countOwners(organizationId()))).toBe(0);
      await write((stores) => stores.members.remove(memberId(), 50));
      expect(await read((stores) => stores.members.find(organizationId(), memberId()))).toBeUndefined();
      expect(await read((stores) => stores.members.list(organizationId(), everything))).toEqual([]);
      expect(await read((stores) => stores.members.get(memberId()))).toMatchObject({ removedAt: 50 });
    });

    it('sessions are found by their token hash, touched, revoked and swept', async () => {
      const session = {
        id: rows.sessionId(),
        personId: rows.personId(),
        tokenHash: 'hash',
        createdAt: 1,
        expiresAt: 100,
        lastUsedAt: 1,
        revokedAt: null,
      };
      await write((stores) => stores.sessions.insert(session));
      await write((stores) => stores.sessions.touch(session.id, 7));
      await write((stores) => stores.sessions.touch(session.id, 5));
      await write((stores) => stores.sessions.revoke(session.id, 9));
      expect(await read((stores) => stores.sessions.findByTokenHash('hash'))).toEqual({
        ...session,
        lastUsedAt: 7,
        revokedAt: 9,
      });
      expect(await read((stores) => stores.members.lastActive([rows.personId()]))).toEqual(
        new Map([[rows.personId(), 7]]),
      );
      await write((stores) => stores.sessions.deleteExpired(101));
      expect(await read((stores) => stores.sessions.findByTokenHash('hash'))).toBeUndefined();
    });

    it('a login challenge is used once', async () => {
      await write((stores) =>
        stores.sessions.insertChallenge({ id: 'c', answerHash: 'h', expiresAt: 100, usedAt: null }),
      );
      const uses = await Promise.all([
        write((stores) => stores.sessions.useChallenge('c', 5)),
        write((stores) => stores.sessions.useChallenge('c', 6)),
      ]);
      expect(uses).toEqual([true, false]);
      expect(await read((stores) => stores.sessions.findChallenge('c'))).toMatchObject({ usedAt: 5 });
    });

    it('a project keeps its managers and counts what is in it', async () => {
      const managers: MemberId[] = [memberId()];
      await write((stores) => stores.projects.update(projectId(), { managers }));
      await write((stores) => stores.projects.update(projectId(), { name: 'Main' }));
      expect(await read((stores) => stores.projects.find(organizationId(), 'default'))).toMatchObject({
        name: 'Main',
        managers,
      });
      await write(async (stores) => {
        await stores.secrets.insert(rows.secret({ scope: 'project', ownerId: projectId(), agentId: null }));
        await stores.secrets.update(secretId(), { deletedAt: 20 });
        await stores.agents.markDeleted(agentId(), 20);
      });
      expect(await read((stores) => stores.projects.countContents(projectId()))).toEqual({
        agents: 1,
        secrets: 1,
      });
      expect(await read((stores) => stores.projects.countAgents([projectId()]))).toEqual(new Map());
      const again = {
        id: projectId(2),
        organizationId: organizationId(),
        slug: 'default',
        name: '',
        managers,
        createdAt: 1,
      };
      expect(await write((stores) => stores.projects.insert(again))).toBe(false);
      expect(await write((stores) => stores.projects.insert({ ...again, slug: 'second' }))).toBe(true);
      const listed = await read((stores) =>
        stores.projects.list(organizationId(), { after: projectId(1), limit: 5 }),
      );
      expect(listed.map(({ slug }) => slug)).toEqual(['second']);
      await write((stores) => stores.projects.delete(projectId(2)));
      expect(await read((stores) => stores.projects.find(organizationId(), 'second'))).toBeUndefined();
    });

    it('environments come in their order and name the secrets with a value of their own', async () => {
      await write(async (stores) => {
        await stores.environments.update(rows.environmentId(0), { position: 9, label: 'Dev' });
        await stores.secrets.insert(rows.secret());
        await stores.secrets.insertVersion(rows.version({ environment: 'staging' }));
        await stores.secrets.saveSlot({
          secretId: secretId(),
          environment: 'staging',
          current: 1,
          last: 1,
          oldest: 1,
        });
      });
      const listed = await read((stores) => stores.environments.list(organizationId()));
      expect(listed.map(({ label }) => label)).toEqual(['staging', 'production', 'Dev']);
      const uses = () => read((stores) => stores.environments.listUses(organizationId(), 'staging', 5));
      expect(await uses()).toEqual([{ secretId: secretId(), name: 'API_KEY' }]);
      await write((stores) =>
        stores.secrets.saveSlot({
          secretId: secretId(),
          environment: 'staging',
          current: null,
          last: 1,
          oldest: 1,
        }),
      );
      expect(await uses()).toEqual([]);
      await write((stores) => stores.environments.delete(rows.environmentId(1)));
      expect(await read((stores) => stores.environments.find(organizationId(), 'staging'))).toBeUndefined();
    });

    it('a deleted agent frees its slug and is restored only while the slug is free', async () => {
      expect(await write((stores) => stores.agents.insert(rows.agent({ id: agentId(2) })))).toBe(false);
      await write((stores) => stores.agents.markDeleted(agentId(), 20));
      expect(await write((stores) => stores.agents.insert(rows.agent({ id: agentId(2) })))).toBe(true);
      expect(await write((stores) => stores.agents.restore(agentId()))).toBe(false);
      await write((stores) => stores.agents.markDeleted(agentId(2), 30));
      expect(await read((stores) => stores.agents.findDeleted(organizationId(), 'bot'))).toMatchObject({
        id: agentId(2),
      });
      expect(await write((stores) => stores.agents.restore(agentId()))).toBe(true);
      expect(await read((stores) => stores.agents.find(organizationId(), 'bot'))).toEqual({
        ...rows.agent(),
        projectSlug: 'default',
        ownerEmail: 'ada@example.com',
      });
      expect(await read((stores) => stores.agents.listDeletedBefore(31, 5))).toMatchObject([
        { id: agentId(2) },
      ]);
      await write((stores) => stores.agents.destroy(agentId(2)));
      for (const idOrSlug of ['bot', agentId()])
        expect(await read((stores) => stores.agents.findRow(organizationId(), idOrSlug))).toEqual(
          rows.agent(),
        );
      expect(await read((stores) => stores.agents.findRow(organizationId(), agentId(2)))).toBeUndefined();
      expect(await read((stores) => stores.agents.findDeleted(organizationId(), agentId(2)))).toBeUndefined();
      expect(await read((stores) => stores.agents.countOwned(memberId()))).toBe(1);
      expect(await read((stores) => stores.agents.listOwned(memberId(), 5))).toEqual(['bot']);
      expect(await read((stores) => stores.agents.listOwned(memberId(), 0))).toEqual([]);
    });

    it('an API key comes back as it was written, by hash, newest first, until revoked', async () => {
      await write(async (stores) => {
        await stores.keys.insert(rows.apiKey());
        await stores.keys.insert(rows.apiKey({ id: keyId(2), environments: null }));
      });
      expect(await read((stores) => stores.keys.findByTokenHash(rows.apiKey().tokenHash))).toEqual(
        rows.apiKey(),
      );
      const page = { makerId: memberId(), before: keyId(3), limit: 1 };
      expect(await read((stores) => stores.keys.list(organizationId(), page))).toMatchObject([
        { id: keyId(2), environments: null },
      ]);
      await write((stores) => stores.keys.touch(new Map([[keyId(), 40]])));
      await write((stores) => stores.keys.revoke(keyId(), 50));
      await write((stores) => stores.keys.revokeOfMaker(memberId(), 60));
      expect(await read((stores) => stores.keys.find(organizationId(), keyId()))).toMatchObject({
        lastUsedAt: 40,
        revokedAt: 50,
      });
      expect(await read((stores) => stores.keys.find(organizationId(), keyId(2)))).toMatchObject({
        revokedAt: 60,
      });
      expect(await read((stores) => stores.keys.find(organizationId(2), keyId()))).toBeUndefined();
    });

    it('an API key is revoked with those that were made with it, and theirs, and each of them once', async () => {
      const made = [null, 1, 2, 1, null];
      await write(async (stores) => {
        for (const [index, by] of made.entries())
          await stores.keys.insert(
            rows.apiKey({ id: keyId(index + 1), madeByKeyId: by === null ? null : keyId(by) }),
          );
      });
      expect(await write((stores) => stores.keys.revoke(keyId(4), 50))).toEqual([keyId(4)]);
      const rest = [keyId(1), keyId(2), keyId(3)];
      expect(await write((stores) => stores.keys.revoke(keyId(1), 60))).toEqual(rest);
      expect(await write((stores) => stores.keys.revoke(keyId(1), 70))).toEqual([]);
      const left = await read((stores) => stores.keys.list(organizationId(), { limit: 10 }));
      expect(left.map(({ revokedAt }) => revokedAt)).toEqual([null, 50, 60, 60, 60]);
    });

    it('policy switches are saved whole and default to none', async () => {
      expect(await read((stores) => stores.policy.get(organizationId()))).toEqual({});
      await write((stores) => stores.policy.save(organizationId(), { a: 1 }));
      await write((stores) => stores.policy.save(organizationId(), { b: ['x'] }));
      expect(await read((stores) => stores.policy.get(organizationId()))).toEqual({ b: ['x'] });
    });

    it('wrapped keys keep their bytes, are counted, rewrapped and retired', async () => {
      const key = {
        id: 'dk_1',
        organizationId: organizationId(),
        purpose: 'data' as const,
        generation: 1,
        rootKeyId: 'old',
        wrapped: new Uint8Array([0, 255, 7]),
        seals: 0,
        createdAt: 1,
        retiredAt: null,
      };
      await write(async (stores) => {
        await stores.wrappedKeys.insert(key);
        await stores.wrappedKeys.insert({ ...key, id: 'dk_2', generation: 2 });
        await stores.wrappedKeys.addSeals('dk_1', 3);
        await stores.wrappedKeys.addSeals('dk_1', 4);
      });
      const found = await read((stores) => stores.wrappedKeys.find(organizationId(), 'data', 1));
      expect(found).toEqual({ ...key, seals: 7 });
      expect(found?.wrapped.constructor).toBe(Uint8Array);
      expect(await read((stores) => stores.wrappedKeys.findCurrent(organizationId(), 'data'))).toMatchObject({
        generation: 2,
      });
      expect(await read((stores) => stores.wrappedKeys.countNotWrappedBy('new'))).toBe(2);
      await write((stores) => stores.wrappedKeys.rewrap('dk_1', new Uint8Array([1]), 'new'));
      await write((stores) => stores.wrappedKeys.retire('dk_1', 9));
      expect(await read((stores) => stores.wrappedKeys.countNotWrappedBy('new'))).toBe(1);
      expect(await read((stores) => stores.wrappedKeys.list('dk_1', 5))).toMatchObject([{ id: 'dk_2' }]);
      await write((stores) => stores.wrappedKeys.delete('dk_1'));
      expect(await read((stores) => stores.wrappedKeys.list(undefined, 5))).toHaveLength(1);
    });

    it('a secret comes back as it was written, and its name is unique in its owner while it lives', async () => {
      expect(await write((stores) => stores.secrets.insert(rows.secret()))).toBe(true);
      expect(await write((stores) => stores.secrets.insert(rows.secret({ id: secretId(2) })))).toBe(false);
      expect(await read((stores) => stores.secrets.find(organizationId(), secretId()))).toEqual(
        rows.secret(),
      );
      expect(await read((stores) => stores.secrets.find(organizationId(2), secretId()))).toBeUndefined();
      await write((stores) =>
        stores.secrets.update(secretId(), {
          deletedAt: 5,
          deletedWithAgent: true,
          tags: [],
          neverReveal: false,
        }),
      );
      expect(await read((stores) => stores.secrets.findByName(agentId(), 'API_KEY'))).toBeUndefined();
      expect(await read((stores) => stores.secrets.listDeletedWithAgent(agentId()))).toHaveLength(1);
      expect(await read((stores) => stores.secrets.listDeletedBefore(6, 5))).toHaveLength(1);
      await write((stores) => stores.secrets.insert(rows.secret({ id: secretId(2) })));
      expect(await write((stores) => stores.secrets.restore(secretId()))).toBe(false);
      await write((stores) => stores.secrets.destroy(secretId(2)));
      expect(await read((stores) => stores.secrets.findDeletedByName(agentId(), 'API_KEY'))).toMatchObject({
        tags: [],
        deletedWithAgent: true,
      });
      expect(await write((stores) => stores.secrets.restore(secretId()))).toBe(true);
      expect(await read((stores) => stores.secrets.findByName(agentId(), 'API_KEY'))).toMatchObject({
        deletedAt: null,
        deletedWithAgent: false,
      });
    });

    it('names that differ only in case are found, and what a start collects is listed', async () => {
      await write(async (stores) => {
        await stores.secrets.insert(rows.secret());
        await stores.secrets.insert(rows.secret({ id: secretId(2), name: 'Api_Key' }));
        await stores.secrets.insert(
          rows.secret({
            id: secretId(3),
            name: 'OTHER',
            scope: 'project',
            ownerId: projectId(),
            agentId: null,
          }),
        );
      });
      expect(await read((stores) => stores.secrets.listCaseVariants(agentId(), 'API_KEY'))).toEqual([
        'Api_Key',
      ]);
      expect(await read((stores) => stores.secrets.listNames(agentId()))).toEqual(['API_KEY', 'Api_Key']);
      expect(await read((stores) => stores.secrets.count(agentId()))).toBe(2);
      const owners = { agentId: agentId(), projectId: projectId() };
      const collected = await read((stores) => stores.secrets.listForAgent(owners, ['production', '*']));
      expect(collected.map(([{ name }]) => name).sort()).toEqual(['API_KEY', 'Api_Key', 'OTHER']);
      expect(collected.map(([, version]) => version)).toEqual([undefined, undefined, undefined]);
    });

    it('R-030 a start collects the current versions of the two slots it asks for, and of no other', async () => {
      const slots = [
        { environment: 'production', current: 2, last: 3 },
        { environment: '*', current: 1, last: 1 },
        { environment: 'staging', current: 1, last: 1 },
      ];
      await write(async (stores) => {
        for (const number of [1, 2]) {
          await stores.secrets.insert(rows.secret({ id: secretId(number), name: `KEY_${number}` }));
          for (const { environment, last } of slots)
            for (let version = 1; version <= last; version += 1)
              await stores.secrets.insertVersion(
                rows.version({ secretId: secretId(number), environment, number: version }),
              );
        }
        for (const slot of slots)
          await stores.secrets.saveSlot({ secretId: secretId(1), oldest: 1, ...slot });
        // Of the second, the value of production was removed.
        const removed = { environment: 'production', current: null, last: 3, oldest: 1 };
        await stores.secrets.saveSlot({ secretId: secretId(2), ...removed });
        await stores.secrets.saveSlot({
          ...{ secretId: secretId(2), environment: 'staging' },
          ...{ current: 1, last: 1, oldest: 1 },
        });
      });
      const owners = { agentId: agentId(), projectId: projectId() };
      const list = async (environment: string) =>
        (await read((stores) => stores.secrets.listForAgent(owners, [environment, '*'])))
          .map(
            ([{ name }, version]) => `${name} ${version?.environment ?? 'none'} ${version?.number ?? 'none'}`,
          )
          .sort();
      expect(await list('production')).toEqual(['KEY_1 * 1', 'KEY_1 production 2', 'KEY_2 none none']);
      expect(await list('staging')).toEqual(['KEY_1 * 1', 'KEY_1 staging 1', 'KEY_2 staging 1']);
      expect(await list('development')).toEqual(['KEY_1 * 1', 'KEY_2 none none']);
      const found = await read((stores) => stores.secrets.listForAgent(owners, ['staging', '*']));
      const version = found.find(([{ id }]) => id === secretId(2))?.[1];
      expect(version).toBeDefined();
      expect(rows.version({ secretId: secretId(2), environment: 'staging', number: 1 })).toMatchObject({
        ...version,
      });
    });

    it('pages of any size give every secret once, in byte order of names, deleted or not', async () => {
      const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,4}$/);
      let owner = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(name, { minLength: 1, maxLength: 12 }),
          fc.integer({ min: 1, max: 5 }),
          fc.boolean(),
          async (names, limit, deleted) => {
            const ownerId = `owner-${(owner += 1)}`;
            await write(async (stores) => {
              for (const [index, each] of names.entries())
                await stores.secrets.insert(
                  rows.secret({
                    id: secretId(owner * 1_000 + index),
                    ownerId,
                    name: each,
                    deletedAt: deleted ? 1 : null,
                  }),
                );
            });
            const listed: string[] = [];
            let after: { afterName?: string; afterId?: string } = {};
            for (;;) {
              const page = await read((stores) => stores.secrets.list(ownerId, { deleted, limit, ...after }));
              const last = page.at(-1);
              if (last === undefined) break;
              listed.push(...page.map((each) => each.name));
              after = { afterName: last.name, afterId: last.id };
            }
            expect(listed).toEqual([...names].sort());
          },
        ),
        { numRuns: 15 },
      );
    });

    it('versions keep every byte, and the current one of each slot is found', async () => {
      const sealed = Uint8Array.from({ length: 256 }, (_, index) => index);
      await write(async (stores) => {
        await stores.secrets.insert(rows.secret());
        await stores.secrets.insertVersion(rows.version({ sealed }));
        await stores.secrets.insertVersion(rows.version({ number: 2, generation: 2, fingerprint: 'f2' }));
        await stores.secrets.insertVersion(
          rows.version({
            environment: 'staging',
            kind: 'plain',
            sealed: null,
            generation: null,
            text: 'gr\u00fc\u00df \u{1f600}',
          }),
        );
        await stores.secrets.saveSlot({
          secretId: secretId(),
          environment: '*',
          current: 1,
          last: 1,
          oldest: 1,
        });
        await stores.secrets.saveSlot({
          secretId: secretId(),
          environment: '*',
          current: 2,
          last: 2,
          oldest: 1,
        });
        await stores.secrets.saveSlot({
          secretId: secretId(),
          environment: 'staging',
          current: 1,
          last: 1,
          oldest: 1,
        });
      });
      const first = await read((stores) => stores.secrets.findVersion(secretId(), '*', 1));
      expect(first).toEqual(rows.version({ sealed }));
      expect(first?.sealed?.constructor).toBe(Uint8Array);
      const current = await read((stores) => stores.secrets.listCurrent([secretId()]));
      expect(current.map(({ environment, number, text }) => [environment, number, text])).toEqual([
        ['*', 2, null],
        ['staging', 1, 'gr\u00fc\u00df \u{1f600}'],
      ]);
      expect(await read((stores) => stores.secrets.listSlots([secretId()]))).toHaveLength(2);
      const history = await read((stores) => stores.secrets.listVersions(secretId()));
      expect(history.map(({ environment, number }) => [environment, number])).toEqual([
        ['*', 2],
        ['*', 1],
        ['staging', 1],
      ]);
      expect(await read((stores) => stores.secrets.listVersions(secretId(), 'staging'))).toHaveLength(1);
      expect(await read((stores) => stores.secrets.listWithFingerprint(secretId(), 'f1'))).toEqual([
        { environment: '*', number: 1 },
        { environment: 'staging', number: 1 },
      ]);
    });

    it('R-159 values written since an instant are counted over all slots, so many of each', async () => {
      await write(async (stores) => {
        await stores.secrets.insert(rows.secret());
        for (const environment of ['*', 'staging']) {
          for (let number = 1; number <= 5; number += 1)
            await stores.secrets.insertVersion(rows.version({ environment, number, createdAt: number * 10 }));
          await stores.secrets.saveSlot({
            ...{ secretId: secretId(), environment },
            ...{ current: 5, last: 5, oldest: 1 },
          });
        }
        await stores.secrets.destroyVersion(secretId(), '*', 4, 60);
        expect(await stores.secrets.countWrittenSince(secretId(), 30, 10)).toBe(6);
      });
      const count = (since: number, most: number) =>
        read((stores) => stores.secrets.countWrittenSince(secretId(), since, most));
      expect(await Promise.all([count(30, 10), count(51, 10), count(0, 2)])).toEqual([6, 0, 4]);
    });

    it('what an older data key sealed is listed until it is sealed anew', async () => {
      await write(async (stores) => {
        await stores.secrets.insert(rows.secret());
        await stores.secrets.insertVersion(rows.version());
        await stores.secrets.insertVersion(rows.version({ number: 2, generation: 2 }));
      });
      const [old] = await read((stores) =>
        stores.secrets.listSealedBefore(organizationId(), 2, { inOrder: false, limit: 10 }),
      );
      expect(old).toMatchObject({ version: { number: 1 }, secret: rows.secret() });
      expect(await read((stores) => stores.secrets.countSealedBefore(organizationId(), 2))).toBe(1);
      await write((stores) =>
        stores.secrets.replaceStored(rows.version({ sealed: new Uint8Array([9]), generation: 2 })),
      );
      expect(await read((stores) => stores.secrets.countSealedBefore(organizationId(), 2))).toBe(0);
      expect(await read((stores) => stores.secrets.findVersion(secretId(), '*', 1))).toMatchObject({
        sealed: new Uint8Array([9]),
      });
      await write((stores) => stores.secrets.destroyVersion(secretId(), '*', 1, 77));
      expect(await read((stores) => stores.secrets.findVersion(secretId(), '*', 1))).toMatchObject({
        sealed: null,
        text: null,
        preview: null,
        destroyedAt: 77,
      });
    });

    it('R-045 what older data keys sealed is listed page by page, each once, oldest generation first', async () => {
      await write(async (stores) => {
        for (const id of [1, 2]) {
          await stores.secrets.insert(rows.secret({ id: secretId(id), name: `NAME_${id}` }));
          for (const environment of ['*', 'staging'])
            for (const number of [1, 2, 3])
              await stores.secrets.insertVersion(
                rows.version({ secretId: secretId(id), environment, number, generation: 3 - number + 1 }),
              );
        }
      });
      const pages = async (limit: number) => {
        const seen: SealedPlace[] = [];
        for (;;) {
          const page = await read((stores) =>
            stores.secrets.listSealedBefore(organizationId(), 3, {
              inOrder: true,
              after: seen.at(-1),
              limit,
            }),
          );
          seen.push(...page.map(({ version }) => version));
          if (page.length < limit) return seen;
        }
      };
      const all = await pages(100);
      expect(all.map(({ generation, secretId: id, number }) => [generation, id, number])).toEqual(
        [1, 2].flatMap((generation) => [1, 1, 2, 2].map((id) => [generation, secretId(id), 4 - generation])),
      );
      expect(new Set(all.slice(0, 2).map(({ environment }) => environment))).toEqual(
        new Set(['*', 'staging']),
      );
      for (const limit of [1, 3, 8]) expect(await pages(limit)).toEqual(all);
    });

    it('workloads are listed newest first by every filter, and lost ones by their silence', async () => {
      await write((stores) =>
        stores.workloads.insert(
          Array.from({ length: 150 }, (_, index) =>
            rows.workload({
              id: workloadId(index),
              agentId: agentId(index % 3),
              heartbeatAt: index < 2 ? 500 : 100,
              state: index < 100 ? 'running' : 'stopped',
            }),
          ),
        ),
      );
      const list = (page: object) =>
        read((stores) => stores.workloads.list(organizationId(), { lostBefore: 400, limit: 1_000, ...page }));
      expect(await list({})).toHaveLength(150);
      expect((await list({ before: workloadId(2) })).map(({ id }) => id)).toEqual([
        workloadId(1),
        workloadId(0),
      ]);
      expect(await list({ state: 'lost' })).toHaveLength(98);
      expect((await list({ state: 'running' })).map(({ id }) => id)).toEqual([workloadId(1), workloadId(0)]);
      for (const state of ['starting', 'stopping']) {
        await write((stores) => stores.workloads.update(workloadId(2), { state: state as 'starting' }));
        expect(await list({ state })).toEqual([]);
        await write((stores) => stores.workloads.update(workloadId(2), { heartbeatAt: 400 }));
        expect(await list({ state })).toHaveLength(1);
        await write((stores) =>
          stores.workloads.update(workloadId(2), { state: 'running', heartbeatAt: 100 }),
        );
      }
      expect(await list({ agentIds: [agentId(1)], environment: 'staging' })).toHaveLength(50);
      expect(await list({ agentIds: [] })).toEqual([]);
      expect(await list({ state: 'stopped' })).toHaveLength(50);
      expect(await read((stores) => stores.workloads.listActive(organizationId(), agentId(0)))).toHaveLength(
        34,
      );
      expect(await write((stores) => stores.workloads.markLost(400, 50))).toBe(50);
      expect(await write((stores) => stores.workloads.markLost(400, 50))).toBe(48);
      expect(await write((stores) => stores.workloads.markLost(400, 50))).toBe(0);
      expect(await list({ state: 'lost' })).toHaveLength(98);
      expect(await list({ state: 'lost', lostBefore: 0 })).toHaveLength(98);
      const change = {
        state: 'failed' as const,
        exitStatus: 3,
        endedAt: 600,
        restartRequested: true,
        reason: 'x',
      };
      await write((stores) => stores.workloads.update(workloadId(0), change));
      expect(await read((stores) => stores.workloads.find(organizationId(), workloadId(0)))).toMatchObject(
        change,
      );
      const asked = [workloadId(7), workloadId(5), workloadId(9999)];
      const listed = await read((stores) => stores.workloads.listByIds(organizationId(), asked));
      expect(listed.map(({ id }) => id).sort()).toEqual([workloadId(5), workloadId(7)]);
      expect(await read((stores) => stores.workloads.listByIds(organizationId(2), asked))).toEqual([]);
      expect(await read((stores) => stores.workloads.listByIds(organizationId(), []))).toEqual([]);
      expect(await read((stores) => stores.workloads.findById(workloadId(5)))).toMatchObject({
        id: workloadId(5),
        invocation: true,
        restartRequested: false,
      });
    });

    it('a resolution keeps its order, and leads from a secret to its starts', async () => {
      const secrets = ['Z', 'A'].map((name, index) => ({
        name,
        secretId: secretId(index),
        environment: '*',
        version: index + 1,
        source: 'agent',
      }));
      const resolution = { id: 'res_1', organizationId: organizationId(), digest: 'd', secrets };
      await write(async (stores) => {
        await stores.audit.insertResolutions([resolution]);
        await stores.workloads.insert([
          rows.workload({ startedAt: 5 }),
          rows.workload({ id: workloadId(2), startedAt: 8, state: 'stopped' }),
        ]);
        await stores.audit.append(
          [5, 8].map((at, index) =>
            rows.auditEvent({ sequence: index + 1, at, resolutionId: 'res_1', resolutionDigest: 'd' }),
          ),
        );
      });
      expect(await read((stores) => stores.audit.findResolutionId(organizationId(), 'd'))).toBe('res_1');
      expect(await read((stores) => stores.audit.listResolutions(['res_1', 'res_2']))).toEqual([resolution]);
      expect(await read((stores) => stores.secrets.lastUsed([secretId(0), secretId(9)]))).toEqual(
        new Map([[secretId(0), 8]]),
      );
      expect(await read((stores) => stores.workloads.listActiveWithSecret(secretId(1), 5))).toMatchObject([
        { id: workloadId() },
      ]);
      expect(await read((stores) => stores.workloads.listActiveWithSecret(secretId(1), 6))).toEqual([]);
    });

    it('audit events are found by secret, actor, agent, time and order, page by page', async () => {
      const chain = organizationId();
      await write(async (stores) => {
        await stores.audit.insertResolutions([
          {
            id: 'res_1',
            organizationId: chain,
            digest: 'd',
            secrets: [
              { name: 'API_KEY', secretId: secretId(), environment: '*', version: 1, source: 'agent' },
            ],
          },
        ]);
        await stores.keys.insert(rows.apiKey());
        await stores.audit.append([
          rows.auditEvent({ sequence: 1, at: 10, secretId: secretId(), secretName: 'API_KEY', version: 1 }),
          rows.auditEvent({
            sequence: 2,
            at: 20,
            resolutionId: 'res_1',
            resolutionDigest: 'd',
            agentId: agentId(),
          }),
          rows.auditEvent({ sequence: 3, at: 30, actorId: keyId(), outcome: 'refused', action: 'other' }),
          rows.auditEvent({ sequence: 4, at: 40, secretId: secretId(), secretName: 'API_KEY', version: 2 }),
          rows.auditEvent({ sequence: 5, at: 40, secretName: 'API_KEY', outcome: 'failed' }),
          rows.auditEvent({ sequence: 6, at: 40, secretName: 'ABSENT', outcome: 'failed' }),
          rows.auditEvent({ sequence: 1, chain: 'instance', secretName: 'API_KEY' }),
        ]);
      });
      const list = async (filter: object) =>
        (await read((stores) => stores.audit.list({ chain, limit: 10, ...filter }))).map(
          ({ sequence }) => sequence,
        );
      expect(await list({})).toEqual([6, 5, 4, 3, 2, 1]);
      expect(await list({ order: 'oldest', afterSequence: 1, until: 40 })).toEqual([2, 3]);
      expect(await list({ afterSequence: 3, limit: 1 })).toEqual([2]);
      expect(await list({ secret: 'API_KEY' })).toEqual([5, 4, 2, 1]);
      expect(await list({ secret: secretId() })).toEqual([4, 2, 1]);
      expect(await list({ secret: 'ABSENT' })).toEqual([6]);
      expect(await list({ secret: 'OTHER' })).toEqual([]);
      expect(await list({ actor: 'ada@example.com', until: 40 })).toEqual([2, 1]);
      expect(await list({ actor: 'ci' })).toEqual([3]);
      expect(await list({ actor: keyId() })).toEqual([3]);
      expect(await list({ agentId: agentId() })).toEqual([2]);
      expect(await list({ outcome: 'refused', action: 'other' })).toEqual([3]);
      expect(await list({ since: 20, until: 30 })).toEqual([2]);
      const events = await read((stores) => stores.audit.listChain(chain, 1, 1));
      expect(events).toMatchObject([{ sequence: 2, mac: new Uint8Array([2]), details: '{}' }]);
      expect(await read((stores) => stores.secrets.nameActors([keyId(), memberId()]))).toEqual(
        new Map<string, string>([
          [keyId(), 'ci'],
          [memberId(), 'ada@example.com'],
        ]),
      );
    });

    it('a head is created, locked, saved and listed', async () => {
      const head = { chain: 'c', sequence: 4, mac: new Uint8Array([4]), changes: 2, accessChanges: 1 };
      await write((stores) => stores.audit.createHead({ ...head, sequence: 0 }));
      await write((stores) => stores.audit.saveHead(head, { ...head, sequence: 0 }));
      expect(await write((stores) => stores.audit.lockHeads(['c', 'absent']))).toEqual([head]);
      expect(await read((stores) => stores.audit.findHead('c'))).toEqual(head);
      expect(await read((stores) => stores.audit.listHeads())).toEqual([head]);
    });

    it('an idempotency record is found until it is a day old', async () => {
      const record = {
        callerId: 'k',
        route: 'r',
        key: 'x',
        bodyDigest: 'd',
        answer: '{}',
        status: 201,
        createdAt: 10,
      };
      await write((stores) => stores.idempotency.insert(record));
      expect(await read((stores) => stores.idempotency.find('k', 'r', 'x'))).toEqual(record);
      await write((stores) => stores.idempotency.deleteBefore(11));
      expect(await read((stores) => stores.idempotency.find('k', 'r', 'x'))).toBeUndefined();
    });

    it('a lease has one holder until it runs out or is released', async () => {
      const acquire = (holder: string, now: number) =>
        write((stores) => stores.leases.acquire({ name: 'purge', holder, now, until: now + 10 }));
      expect(await acquire('a', 0)).toBe(true);
      expect(await acquire('b', 5)).toBe(false);
      expect(await acquire('a', 5)).toBe(true);
      expect(await acquire('b', 15)).toBe(true);
      await write((stores) => stores.leases.release('purge', 'a'));
      expect(await acquire('a', 16)).toBe(false);
      await write((stores) => stores.leases.release('purge', 'b'));
      expect(await acquire('a', 16)).toBe(true);
    });

    it('a change of nothing is accepted and changes nothing', async () => {
      await write(async (stores) => {
        await stores.agents.update(agentId(), {});
        await stores.projects.update(projectId(), {});
        await stores.environments.update(rows.environmentId(), {});
        await stores.secrets.update(secretId(), {});
        await stores.workloads.update(workloadId(), {});
      });
      expect(await read((stores) => stores.agents.find(organizationId(), 'bot'))).toMatchObject(rows.agent());
    });
  });
};
