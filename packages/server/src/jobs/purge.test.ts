import { callerOf, startServer, type TestCaller, type TestServer } from '@coffer/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobParts } from './parts.ts';
import { purgeDue } from './purge.ts';

const dayMs = 86_400_000;
let now = 1_760_000_000_000;
let server: TestServer;
let owner: TestCaller;
let parts: JobParts;

beforeEach(async () => {
  now = 1_760_000_000_000;
  server = await startServer({ clock: { now: () => now } });
  owner = callerOf(server.url, server.ownerToken);
  const { guard, authenticator } = server.server.house;
  parts = { guard, authenticator, log: { info: () => undefined, error: () => undefined } };
  await owner.agents.create({ slug: 'bot' });
});
afterEach(() => server.close());

/** After days, with a login that is still good. */
const later = async (days: number): Promise<TestCaller> => {
  now += days * dayMs;
  return callerOf(server.url, await server.loginAs('owner@coffer.local'));
};
const countRows = () =>
  server.server.house.database.read(async (stores) => ({
    secrets: (await stores.secrets.listDeletedBefore(Number.MAX_SAFE_INTEGER, 100)).length,
    agents: (await stores.agents.listDeletedBefore(Number.MAX_SAFE_INTEGER, 100)).length,
  }));

describe('the purge (R-166)', () => {
  it('R-166 destroys what was deleted longer ago than it is kept, and not a moment before', async () => {
    await owner.secrets.create('bot', 'OLD', 'value-1');
    await owner.secrets.create('bot', 'KEPT', 'value-2');
    await owner.secrets.delete('bot', 'OLD');
    now += 7 * dayMs - 1;
    await purgeDue(parts);
    expect(await countRows()).toEqual({ secrets: 1, agents: 0 });
    now += 16 * 60_000;
    await purgeDue(parts);
    expect(await countRows()).toEqual({ secrets: 0, agents: 0 });
    const after = await later(0);
    expect((await after.secrets.list('bot')).items.map(({ name }) => name)).toEqual(['KEPT']);
    expect((await after.audit.list({ action: 'secret.purge' })).items).toMatchObject([
      { secret: 'OLD', actor: { type: 'operator' } },
    ]);
  });

  it('R-006 R-166 destroys an agent together with its secrets, and says how many', async () => {
    for (const name of ['ONE', 'TWO']) await owner.secrets.create('bot', name, `value-of-${name}`);
    await owner.agents.delete('bot');
    const after = await later(8);
    await purgeDue(parts);
    expect(await countRows()).toEqual({ secrets: 0, agents: 0 });
    expect((await after.audit.list({ action: 'agent.purge' })).items).toMatchObject([
      { details: { secrets: 2 } },
    ]);
  });

  it('R-166 keeps to the policy of the organization', async () => {
    await owner.policy.set('retention_days', 30);
    await owner.secrets.create('bot', 'LONGER', 'value-1');
    await owner.secrets.delete('bot', 'LONGER');
    await later(29);
    await purgeDue(parts);
    expect(await countRows()).toMatchObject({ secrets: 1 });
    await later(2);
    await purgeDue(parts);
    expect(await countRows()).toMatchObject({ secrets: 0 });
  });

  it('R-166 goes on past one batch', async () => {
    const entries = Array.from({ length: 450 }, (_, at) => ({ name: `KEY_${at}`, value: `value-${at}` }));
    await owner.secrets.import('bot', entries);
    await owner.agents.delete('bot');
    await owner.agents.create({ slug: 'other' });
    await owner.secrets.import('other', entries);
    for await (const { id } of owner.secrets.listAll('other')) await owner.secrets.delete({ id });
    await later(8);
    await purgeDue(parts);
    expect(await countRows()).toEqual({ secrets: 0, agents: 0 });
  });

  it('R-318 forgets requests that may no longer be repeated', async () => {
    const { id } = await owner.secrets.set('bot', 'ONCE', 'value-1', { idempotencyKey: 'k' });
    const after = await later(1);
    now += 16 * 60_000;
    await purgeDue(parts);
    const again = await after.secrets.set('bot', 'ONCE', 'value-2', { idempotencyKey: 'k' });
    expect(again).toMatchObject({ id, version: 2 });
  });

  it('is done by one replica at a time', async () => {
    await owner.secrets.create('bot', 'OLD', 'value-1');
    await owner.secrets.delete('bot', 'OLD');
    await later(8);
    // In containers every replica has the same process id.
    const lease = { name: 'purge', holder: `${process.pid}`, now, until: now + 60_000 };
    await server.server.house.database.commit(async (stores) => stores.leases.acquire(lease));
    await purgeDue(parts);
    expect(await countRows()).toMatchObject({ secrets: 1 });
    now += 60_001;
    await purgeDue(parts);
    expect(await countRows()).toMatchObject({ secrets: 0 });
  });
});
