import type { SecretRecord, SecretWritten } from '@coffer/contract';
import { startServer } from '@coffer/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { createLoggedInUser } from '../../terminal/command-line.fixture.ts';

const server = await startServer();
const ann = await createLoggedInUser(server.url, 'biller');
const [agent] = await ann.ask<{ id: string }[]>(['agent', 'list']);
const agentId = agent?.id ?? '';
const value = 'a-value-of-some-length';

afterAll(async () => {
  await ann.close();
  await server.close();
});

const run = (...words: readonly string[]) => ann.run(words);

describe('where a secret is', () => {
  it.each([
    { said: 'the first word', name: 'FIRST', place: () => ['biller'], flags: [], scope: 'agent' },
    { said: '--agent', name: 'SLUG', place: () => [], flags: ['--agent', 'biller'], scope: 'agent' },
    { said: 'an agent’s id', name: 'WORD_ID', place: () => [agentId], flags: [], scope: 'agent' },
    {
      said: '--project',
      name: 'OF_PROJECT',
      place: () => [],
      flags: ['--project', 'default'],
      scope: 'project',
    },
    { said: 'neither', name: 'OF_VAULT', place: () => [], flags: [], scope: 'organization' },
  ])('R-169 $said says it to every verb', async ({ name, place, flags, scope }) => {
    const words = (verb: string) => ['secrets', verb, ...place(), name, ...flags];
    const made = await ann.ask<SecretWritten>([...words('create'), '--value', value]);
    expect(made).toMatchObject({ name, scope, version: 1 });
    await run(...words('update'), '--value', `${value}-2`);
    const secret = await ann.ask<SecretRecord>(words('get'));
    expect(secret).toMatchObject({ id: made.id, values: [{ version: 2 }] });
    expect((await run(...words('history'))).stdout).toMatch(/\b2\b/);
    const listed = await run('secrets', 'list', ...place(), ...flags);
    expect(listed.stdout).toContain(name);
    expect(await run(...words('delete'))).toMatchObject({ status: 0 });
    expect(await run(...words('get'))).toMatchObject({ status: 5 });
    expect(await run(...words('restore'))).toMatchObject({ status: 0 });
  });

  it('R-169 --agent takes the agent’s id too', async () => {
    await run('secrets', 'set', 'BY_AGENT_ID', value, '--agent', agentId);
    expect(await ann.ask(['secrets', 'get', 'biller', 'BY_AGENT_ID'])).toMatchObject({ agent: 'biller' });
  });
});

describe('coffer secrets delete NAME', () => {
  it('R-188 removes the vault’s secret of this name, and no other of the name', async () => {
    await run('secrets', 'create', 'SAME_NAME', '--value', value);
    await run('secrets', 'set', 'biller', 'SAME_NAME', value);
    const deleted = await run('secrets', 'delete', 'SAME_NAME');
    expect(deleted).toMatchObject({ status: 0, stdout: '' });
    expect(deleted.stderr).toContain('Deleted SAME_NAME of the vault');
    expect(await run('secrets', 'get', 'SAME_NAME')).toMatchObject({ status: 5 });
    expect(await run('secrets', 'get', 'biller', 'SAME_NAME')).toMatchObject({ status: 0 });
    expect(await run('secrets', 'delete', 'SAME_NAME')).toMatchObject({ status: 5 });
  });
});
