import { callerOf, startServer, type TestServer } from '@coffer/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAgent } from '../agents/change.ts';
import { ensurePerson } from '../organizations/create.ts';
import { createSecret } from '../secrets/create.ts';
import { operatorOf } from './operator.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

describe('rows that decide access', () => {
  it('R-075 are remembered only once the batch that read them is durable: it may have written them itself', async () => {
    const { guard, database } = server.server.house;
    const [organization] = await database.read(async (stores) => stores.organizations.list());
    const operator = operatorOf(guard, organization?.id ?? null);
    const slug = 'made-twice';
    let attempts = 0;
    // One batch, which runs twice; the agent of the first run was never stored.
    const [agent] = await Promise.all([
      createAgent(operator, { slug, owner: 'owner@coffer.local' }),
      createSecret(operator, { scope: 'agent', agent: slug }, { name: 'ONE', value: 'first' }),
      database.commit(async (stores) => {
        attempts += 1;
        const person = await ensurePerson(stores, 'owner@coffer.local', 0);
        // As if another process had taken this id at the same moment.
        if (attempts === 1) await stores.members.insertPerson({ ...person, email: 'another@coffer.local' });
      }),
    ]);
    expect(attempts).toBe(2);
    const owner = callerOf(server.url, server.ownerToken);
    expect(await owner.deliver(agent.slug)).toEqual({ ONE: 'first' });
  });
});
