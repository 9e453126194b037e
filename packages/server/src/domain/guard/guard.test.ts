import { createOrganization, startServer, type TestServer } from '@coffer/testkit';
import { OrganizationId } from '@coffer/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSecret } from '../secrets/create.ts';
import { operatorOf } from './operator.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ login: false });
});
afterAll(() => server.close());

describe('writes of several organizations that arrive together', () => {
  it('one whose keys are gone is refused alone', async () => {
    const damaged = OrganizationId.parse(
      await createOrganization(server, { slug: 'damaged', ownerEmail: 'eve@example.com' }),
    );
    await server.server.house.database.commit(async ({ wrappedKeys }) => {
      const key = await wrappedKeys.findCurrent(damaged, 'audit');
      if (key !== undefined) await wrappedKeys.delete(key.id);
    });
    // A server that has not opened these keys yet.
    server = await server.restart();
    const { guard, database } = server.server.house;
    const [whole] = (await database.read(async (stores) => stores.organizations.list())).filter(
      ({ id }) => id !== damaged,
    );
    const place = { scope: 'project', project: 'default' } as const;
    const write = (organizationId: OrganizationId | null) =>
      createSecret(operatorOf(guard, organizationId), place, { name: 'KEY', value: 'a value' });
    const [refused, written] = await Promise.allSettled([write(damaged), write(whole?.id ?? null)]);
    expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'key_unreadable' } });
    expect(written).toMatchObject({ status: 'fulfilled', value: { created: true } });
  });
});
