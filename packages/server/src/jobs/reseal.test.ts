import type { OrganizationId } from '@coffer/contract';
import { callerOf, startServer, type TestCaller, type TestServer } from '@coffer/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Stores } from '../domain/stores.ts';
import { resealAll, type ResealProgress } from './reseal.ts';

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
  await resealAll(server.server.house.guard, { onProgress: (progress) => told.push(progress) });
  return told;
};
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
    });
    await expect(stopped).rejects.toThrow('killed');
    expect([await countBefore(2), await isRetired(1)]).toEqual([50, false]);
    await addDataKey(3);
    await reseal();
    expect([await countBefore(3), await isRetired(1), await isRetired(2)]).toEqual([0, true, true]);
    expect(Object.keys(await owner.deliver('bot'))).toHaveLength(250);
  });
});
