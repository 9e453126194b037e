import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { OrganizationId, type SecretId } from '@coffer/contract';
import { callerOf, createOrganization, startServer, type TestCaller, type TestServer } from '@coffer/testkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SkippedVersion } from '../domain/secrets/reseal.ts';
import type { Stores } from '../domain/stores.ts';
import { resealAll, type ResealProgress } from './reseal.ts';
import { startJobs } from './schedule.ts';

let server: TestServer;
let owner: TestCaller;
let organizationId: OrganizationId;
const read = <Result>(query: (stores: Stores) => Promise<Result>) => server.server.house.database.read(query);

beforeEach(async () => {
  server = await startServer();
  owner = callerOf(server.url, server.ownerToken);
  await owner.agents.create({ slug: 'bot' });
  const [organization] = await read((stores) => stores.organizations.list());
  if (organization === undefined) throw new Error('There is no organization');
  organizationId = organization.id;
});
afterEach(() => server.close());

const addDataKey = (generation: number) => {
  const { database, guard } = server.server.house;
  return database.commit(async (stores) => guard.keyring.addDataKey(stores, organizationId, generation));
};
const reseal = async (): Promise<readonly ResealProgress[]> => {
  const told: ResealProgress[] = [];
  await resealAll(server.server.house.guard, {
    onProgress: (progress) => told.push(progress),
    onSkipped: ({ version }) => {
      throw new Error(`Version ${version.number} of ${version.secretId} does not open`);
    },
  });
  return told;
};
const skipUnreadable = async () => {
  const skipped: SkippedVersion[] = [];
  await resealAll(server.server.house.guard, {
    onProgress: () => undefined,
    onSkipped: (one) => skipped.push(one),
  });
  return skipped;
};
/** Changes a byte of the first version of these secrets, as somebody would who writes to the database. */
const damage = (ids: readonly SecretId[]) =>
  server.server.house.database.commit(async (stores) => {
    for (const id of ids) {
      const version = await stores.secrets.findVersion(id, '*', 1);
      if (!version?.sealed) throw new Error('There is no such version');
      const sealed = Uint8Array.from(version.sealed);
      sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1;
      await stores.secrets.replaceStored({ ...version, sealed });
    }
  });
const countBefore = (generation: number) =>
  read((stores) => stores.secrets.countSealedBefore(organizationId, generation));
const isRetired = async (generation: number): Promise<boolean> => {
  const key = await read((stores) => stores.wrappedKeys.find(organizationId, 'data', generation));
  return key !== undefined && key.retiredAt !== null;
};
const importMany = (count: number) =>
  owner.secrets.import(
    'bot',
    Array.from({ length: count }, (_, at) => ({ name: `KEY_${at}`, value: `value-${at}` })),
  );

describe('sealing again under a newer data key', () => {
  it('R-045 does nothing while there is one generation', async () => {
    await importMany(3);
    expect(await reseal()).toEqual([]);
  });

  it('R-045 brings every version under the new key, tells how far it is, and retires the old one', async () => {
    await importMany(450);
    await owner.secrets.set('bot', 'KEY_0', 'a second version');
    await addDataKey(2);
    expect(await countBefore(2)).toBe(451);
    const told = await reseal();
    expect(told.map(({ done, total }) => [done, total])).toEqual([
      [200, 451],
      [400, 451],
      [451, 451],
    ]);
    expect([await countBefore(2), await isRetired(1), await isRetired(2)]).toEqual([0, true, false]);
    const delivered = await owner.deliver('bot');
    expect(delivered).toMatchObject({ KEY_0: 'a second version', KEY_449: 'value-449' });
    expect(await owner.audit.verify()).toMatchObject({ ok: true });
  });

  it('R-045 goes on where it was stopped, also over two generations', async () => {
    await importMany(250);
    await addDataKey(2);
    const stopped = resealAll(server.server.house.guard, {
      onProgress: () => {
        throw new Error('the server is killed here');
      },
      onSkipped: () => undefined,
    });
    await expect(stopped).rejects.toThrow('killed');
    expect([await countBefore(2), await isRetired(1)]).toEqual([50, false]);
    await addDataKey(3);
    await reseal();
    expect([await countBefore(3), await isRetired(1), await isRetired(2)]).toEqual([0, true, true]);
    expect(Object.keys(await owner.deliver('bot'))).toHaveLength(250);
  });

  it('R-045 goes past what does not open, and keeps the data keys that this is under', async () => {
    await importMany(450);
    const { items } = await owner.secrets.list('bot', { limit: 500 });
    const ids = items.map(({ id }) => id as SecretId).sort();
    // Whole pages of it, also the first and the last of all.
    const damaged = [...ids.slice(0, 210), ...ids.slice(449)];
    await damage(damaged);
    await addDataKey(2);
    await owner.agents.create({ slug: 'other' });
    await owner.secrets.create('other', 'LATER', 'a value under the second key');
    await addDataKey(3);
    const skipped = await skipUnreadable();
    expect(skipped.map(({ version }) => version.secretId)).toEqual(damaged);
    expect(skipped[0]).toMatchObject({
      organizationId,
      version: { generation: 1, environment: '*', number: 1 },
      secret: { id: damaged[0] },
    });
    expect([await countBefore(3), await isRetired(1), await isRetired(2)]).toEqual([211, false, true]);
    expect(await owner.deliver('other')).toEqual({ LATER: 'a value under the second key' });
  });

  it('R-045 finishes once the versions that do not open are destroyed', async () => {
    await importMany(3);
    const { id } = await owner.secrets.get('bot', 'KEY_1');
    await damage([id as SecretId]);
    await addDataKey(2);
    await addDataKey(3);
    expect(await skipUnreadable()).toHaveLength(1);
    expect([await isRetired(1), await isRetired(2)]).toEqual([false, true]);
    await owner.secrets.set('bot', 'KEY_1', 'written again');
    await owner.secrets.destroyVersion('bot', 'KEY_1', { environment: '*', version: 1 });
    await reseal();
    expect([await countBefore(3), await isRetired(1)]).toEqual([0, true]);
    expect(await owner.deliver('bot')).toEqual({
      KEY_0: 'value-0',
      KEY_1: 'written again',
      KEY_2: 'value-2',
    });
  });

  it('R-045 goes on with other organizations where the newest data key of one does not open', async () => {
    await importMany(2);
    const other = await createOrganization(server, { slug: 'other', ownerEmail: 'other@example.com' });
    const { database, guard } = server.server.house;
    await addDataKey(2);
    await database.commit(async (stores) => {
      const key = await stores.wrappedKeys.find(organizationId, 'data', 2);
      if (key === undefined) throw new Error('There is no such key');
      await stores.wrappedKeys.rewrap(key.id, key.wrapped.toReversed(), key.rootKeyId);
      await guard.keyring.addDataKey(stores, OrganizationId.parse(other), 2);
    });
    // One that has opened no key yet.
    const later = await startServer({ replicaOf: server, login: false });
    const told: string[] = [];
    const resealed = resealAll(later.server.house.guard, {
      onProgress: (progress) => told.push(progress.organizationId),
      onSkipped: () => undefined,
    });
    await expect(resealed).rejects.toMatchObject({ code: 'key_unreadable' });
    await later.close();
    expect([told, await countBefore(2), await isRetired(1)]).toEqual([[other], 2, false]);
  });

  it('R-045 a database that is gone ends it, and nothing counts as not opening', async () => {
    await importMany(250);
    const later = await startServer({ replicaOf: server, login: false });
    await addDataKey(2);
    const { guard, database } = later.server.house;
    let closed: Promise<void> | undefined;
    const skipped: SkippedVersion[] = [];
    const failed = resealAll(guard, {
      onProgress: () => {
        closed = database.close();
      },
      onSkipped: (one) => skipped.push(one),
    });
    await expect(failed).rejects.toMatchObject({ code: 'storage_unavailable' });
    await closed;
    expect([skipped, await countBefore(2), await isRetired(1)]).toEqual([[], 50, false]);
    await later.close();
  });

  it('R-045 R-308 a version moved to another organization is not sealed under that one’s key', async () => {
    const { id } = await owner.secrets.create('bot', 'KEY', 'a-value');
    const other = await createOrganization(server, { slug: 'other', ownerEmail: 'other@example.com' });
    const { database, guard } = server.server.house;
    await database.commit(async (stores) => guard.keyring.addDataKey(stores, OrganizationId.parse(other), 2));
    const file = new DatabaseSync(join(server.dataDir, 'coffer.db'));
    const move = file.prepare('update version set organization_id = ? where secret_id = ?');
    move.run(other, id);
    const skipped = await skipUnreadable();
    expect(skipped).toMatchObject([{ organizationId: other, secret: undefined, version: { secretId: id } }]);
    move.run(organizationId, id);
    file.close();
    expect(await owner.deliver('bot')).toEqual({ KEY: 'a-value' });
  });

  it('R-045 R-267 the server’s own job logs each, without a value, and seals the rest', async () => {
    await importMany(3);
    const { id } = await owner.secrets.get('bot', 'KEY_1');
    await damage([id as SecretId]);
    await addDataKey(2);
    const lines: string[] = [];
    const { guard, authenticator } = server.server.house;
    const log = {
      info: () => undefined,
      error: (fields: object, message: string) => void lines.push(JSON.stringify({ ...fields, message })),
    };
    const jobs = await startJobs({ guard, authenticator, log }, () => Promise.resolve());
    await vi.waitFor(async () => expect(await countBefore(2)).toBe(1));
    await jobs.stop();
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        ...{ job: 'reseal', code: 'value_unreadable', organizationId, secretId: id },
        ...{ environment: '*', version: 1, generation: 1 },
        message: expect.any(String) as string,
      },
    ]);
    expect(lines.join()).not.toContain('value-');
  });
});
