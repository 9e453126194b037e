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
  const isTold = ({ advice }: { advice: readonly { code: string }[] }) =>
    advice.some(({ code }) => code === 'value_reused' || code === 'same_value_in_environments');

  it('R-159 under reused_value: error are given without a limit, and another value is always written', async () => {
    await owner.agents.create({ slug: 'bot' });
    await owner.secrets.create('bot', 'KEY', 'used-value');
    await owner.policy.set('reused_value', 'error');
    for (let guess = 1; guess <= 25; guess += 1)
      expect(await codeOf(owner.secrets.set('bot', 'KEY', 'used-value'))).toBe('value_reused');
    await owner.secrets.set('bot', 'KEY', 'never-used');
    expect(await versionOf('KEY')).toBe(2);
    const { items } = await owner.audit.list({ secret: 'KEY', outcome: 'failed', limit: 100 });
    expect(items.filter(({ code }) => code === 'value_reused')).toHaveLength(25);
    expect(await codeOf(owner.secrets.set('bot', 'KEY', 'used-value'))).toBe('value_reused');
    await owner.policy.set('reused_value', 'warn');
  });

  it('R-159 are left out once many values were written, right guesses or wrong, by whoever', async () => {
    await owner.secrets.create('bot', 'GUESSED', { production: 'guessed-at', staging: 'first' });
    const made = await owner.keys.create({ agent: 'bot', rights: ['read', 'write'] });
    const callers = [owner, callerOf(server.url, made.key)];
    const write = (value: string, by = 0) =>
      (callers[by] ?? owner).secrets.set('bot', 'GUESSED', value, { environment: 'staging' });
    expect(isTold(await write('guessed-at'))).toBe(true);
    for (let guess = 1; guess <= 18; guess += 1)
      expect(isTold(await write(`wrong-${guess}`, guess % 2))).toBe(false);
    expect(isTold(await write('guessed-at'))).toBe(false);
    expect(isTold(await write('guessed-at', 1))).toBe(false);
    // The limit of a secret is its own.
    await owner.secrets.create('bot', 'BESIDE', 'used-value');
    expect(isTold(await owner.secrets.set('bot', 'BESIDE', 'used-value'))).toBe(true);
    now += 60 * 60 * 1000 + 1;
    expect(isTold(await write('guessed-at'))).toBe(true);
  });

  it('R-159 come last: a write that is refused for something else says nothing, and no guess is undone', async () => {
    await owner.secrets.create('bot', 'LAST', { production: 'guessed-at', staging: 'first' });
    await owner.secrets.set('bot', 'LAST', 'second', { environment: 'staging' });
    await owner.policy.set('reused_value', 'error');
    const answers = await Promise.all(
      ['guessed-at', 'wrong'].map(async (production) => {
        const values = { production, staging: 'third' };
        const sent = { body: { values }, headers: { 'if-match': '"1"' } };
        const { status, text } = await owner.ask('PUT', '/v1/agents/bot/secrets/LAST', sent);
        return { status, text: text.replaceAll(/req_\w+/g, '') };
      }),
    );
    expect(answers[0]?.status).toBe(412);
    expect(answers[1]).toEqual(answers[0]);

    const entries = [
      { name: 'LAST', value: 'wrong' },
      { name: 'KEY', value: 'used-value' },
    ];
    const settings = { onConflict: 'overwrite', environment: '*' } as const;
    const dry = await owner.secrets.import('bot', entries, { ...settings, dryRun: true });
    expect(dry.results.map(({ outcome }) => outcome)).toEqual(['overwritten', 'overwritten']);
    const { results } = await owner.secrets.import('bot', entries, settings);
    expect(results).toMatchObject([
      { name: 'LAST', outcome: 'overwritten' },
      { name: 'KEY', outcome: 'failed', code: 'value_reused' },
    ]);
    expect((await owner.secrets.get('bot', 'LAST')).values.map(({ environment }) => environment)).toContain(
      '*',
    );
    await owner.policy.set('reused_value', 'warn');
  });
});
