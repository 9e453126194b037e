import { callerOf, refusalOf, startServer, type TestCaller, type TestServer } from '@coffer/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operatorOf } from '../guard/operator.ts';
import { ensurePerson } from '../organizations/create.ts';
import { createSecret } from './create.ts';
import { updateSecret } from './update.ts';

let now = Date.UTC(2030, 0, 1);
let server: TestServer;
let owner: TestCaller;
beforeAll(async () => {
  server = await startServer({ clock: { now: () => now } });
  owner = callerOf(server.url, server.ownerToken);
});
afterAll(() => server.close());

describe('answers that tell a value was used before', () => {
  it('R-159 are counted once for a write, however often its batch runs', async () => {
    const { guard, database } = server.server.house;
    const [organization] = await database.read(async (stores) => stores.organizations.list());
    const operator = operatorOf(guard, organization?.id ?? null);
    const place = { scope: 'project', project: 'default' } as const;
    const value = 'the same again and again';
    await createSecret(operator, place, { name: 'SAME', value });
    const told: boolean[] = [];
    for (let write = 1; write <= 21; write += 1) {
      let attempts = 0;
      const [{ advice }] = await Promise.all([
        updateSecret(operator, { by: 'name', place, name: 'SAME' }, { input: { value } }),
        database.commit(async (stores) => {
          attempts += 1;
          const person = await ensurePerson(stores, 'owner@coffer.local', 0);
          // As if another process had taken this id at the same moment.
          if (attempts === 1) await stores.members.insertPerson({ ...person, email: 'another@coffer.local' });
        }),
      ]);
      expect(attempts).toBe(2);
      told.push(advice.some(({ code }) => code === 'value_reused'));
    }
    expect(told).toEqual([...Array.from({ length: 20 }, () => true), false]);
  });

  const versionOf = async (name: string) => (await owner.secrets.get('bot', name)).values[0]?.version;
  const codeOf = async (writing: Promise<unknown>) => (await refusalOf(writing)).code;

  it('R-159 that are used up leave reused_value: error in force: no value is written then, and none told', async () => {
    await owner.agents.create({ slug: 'bot' });
    for (const name of ['KEY', 'OTHER']) await owner.secrets.create('bot', name, `used-value-of-${name}`);
    const write = (value: string) => owner.secrets.set('bot', 'KEY', value);
    await owner.policy.set('reused_value', 'error');
    for (let guess = 1; guess <= 20; guess += 1)
      expect(await codeOf(write('used-value-of-KEY'))).toBe('value_reused');

    const answers = await Promise.all(
      ['used-value-of-KEY', 'never-used'].map(async (value) => {
        const { status, text } = await owner.ask('PUT', '/v1/agents/bot/secrets/KEY', { body: { value } });
        return { status, text: text.replaceAll(/req_\w+/g, '') };
      }),
    );
    expect(answers[0]?.status).toBe(429);
    expect(answers[0]?.text).toContain('Try again in 60 minutes');
    expect(answers[1]).toEqual(answers[0]);
    const entries = [{ name: 'KEY', value: 'never-used' }];
    expect(await codeOf(owner.secrets.import('bot', entries, { onConflict: 'overwrite' }))).toBe(
      'rate_limited',
    );
    expect(await versionOf('KEY')).toBe(1);
    const refused = (await owner.audit.list({ secret: 'KEY', order: 'newest' })).items.filter(
      ({ code }) => code === 'rate_limited',
    );
    expect(refused).toHaveLength(2);
    expect(refused.every(({ details }) => details['reused'] === undefined)).toBe(true);

    // Other secrets and other callers have limits of their own.
    await owner.secrets.set('bot', 'OTHER', 'never-used');
    const key = await owner.keys.create({ agent: 'bot', rights: ['read', 'write'] });
    const another = callerOf(server.url, key.key);
    expect(await codeOf(another.secrets.set('bot', 'KEY', 'used-value-of-KEY'))).toBe('value_reused');
    await another.secrets.set('bot', 'KEY', 'used-by-another');

    now += 60 * 60 * 1000;
    expect(await codeOf(write('used-value-of-KEY'))).toBe('value_reused');
    await write('never-used');
    expect(await versionOf('KEY')).toBe(3);
  });

  it('R-159 that are used up say nothing under reused_value: warn, and every value is written', async () => {
    await owner.policy.set('reused_value', 'warn');
    await owner.secrets.create('bot', 'WARNED', 'used-value');
    for (let write = 1; write <= 22; write += 1) await owner.secrets.set('bot', 'WARNED', 'used-value');
    expect(await versionOf('WARNED')).toBe(23);
    await owner.policy.set('reused_value', 'error');
    expect(await codeOf(owner.secrets.set('bot', 'WARNED', 'never-used'))).toBe('rate_limited');
    await owner.policy.set('reused_value', 'warn');
    await owner.secrets.set('bot', 'WARNED', 'never-used');
  });
});
