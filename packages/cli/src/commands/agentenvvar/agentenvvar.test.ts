import type { AuditEventRecord, SecretDeleted, SecretRecord, SecretWritten } from '@coffer/contract';
import { startServer } from '@coffer/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { createLoggedInUser } from '../../terminal/command-line.fixture.ts';

const server = await startServer();
const ann = await createLoggedInUser(server.url, 'biller');
const [agent] = await ann.ask<{ id: string }[]>(['agent', 'list']);
const agentId = agent?.id ?? '';
const value = 'sk_live_0123456789abcdefwxyz';
const rotated = 'sk_live_9876543210abcdefrota';

await ann.run(['secrets', 'set', '--project', 'default', 'SHARED_KEY', value]);
afterAll(async () => {
  await ann.close();
  await server.close();
});

const run = (...words: readonly string[]) => ann.run(words);
const describeJson = (id: string) => ann.ask<SecretRecord>(['describe', 'agentenvvar', id]);
const create = (key: string, ...more: readonly string[]) =>
  ann.ask<SecretWritten>([
    ...['create', 'agentenvvar', '--agent', agentId, '--key', key, '--value', value],
    ...more,
  ]);

describe('coffer create agentenvvar', () => {
  it('R-172 R-175 makes a secret of the agent under its key, like secrets create', async () => {
    const made = await create('STRIPE_API_KEY', '--description', 'charges cards');
    expect(made).toMatchObject({ name: 'STRIPE_API_KEY', scope: 'agent', version: 1, created: true });
    expect(await ann.ask<SecretRecord>(['secrets', 'get', 'biller', 'STRIPE_API_KEY'])).toMatchObject({
      id: made.id,
      agent: 'biller',
      description: 'charges cards',
    });
    expect(await run('create', 'agentenvvars', '--agent', 'biller', '--key', 'STRIPE_API_KEY')).toMatchObject(
      { status: 2 },
    );
  });

  it.each([
    ['--agent', ['--key', 'KEY', '--value', 'v4lue']],
    ['--key', ['--agent', 'biller', '--value', 'v4lue']],
  ])('R-175 %s is required', async (missing, words) => {
    const { status, stderr } = await run('create', 'agentenvvar', ...words);
    expect(status).toBe(2);
    expect(stderr).toContain(`${missing} `);
    expect(stderr).not.toContain('v4lue');
  });

  it('R-175 R-198 without a value and a terminal it says that one is needed', async () => {
    const { status, stderr } = await run('create', 'agentenvvar', '--agent', 'biller', '--key', 'NONE');
    expect(status).toBe(2);
    expect(stderr).toContain('value_required');
  });
});

describe('coffer list agentenvvars', () => {
  it('R-176 prints id, key, masked preview, description and updated, of the agent’s own alone', async () => {
    const { id } = await create('LISTED_KEY', '-d', 'for the list');
    const { stdout } = await run('list', 'agentenvvars', '--agent', agentId);
    expect(stdout).toMatch(/^ID +KEY +PREVIEW +DESCRIPTION +UPDATED\n/);
    expect(stdout).toMatch(
      new RegExp(
        String.raw`^${id} +LISTED_KEY +\*{4}wxyz +for the list +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$`,
        'm',
      ),
    );
    expect(stdout).not.toContain('SHARED_KEY');
    expect(stdout).not.toContain(value);
  });

  it('R-176 --all adds what the agent gets from its project, with its source', async () => {
    const { stdout } = await run('list', 'agentenvvar', '--agent', 'biller', '--all');
    expect(stdout).toMatch(/^KEY +SOURCE /);
    expect(stdout).toMatch(/^SHARED_KEY +project /m);
    expect(stdout).toMatch(/^LISTED_KEY +agent /m);
  });
});

describe('coffer update agentenvvar', () => {
  it('R-177 --value rotates and keeps the description', async () => {
    const { id } = await create('ROTATED_KEY', '-d', 'stays');
    expect(await run('update', 'agentenvvar', id, '--value', rotated)).toMatchObject({
      status: 0,
      stdout: '',
    });
    expect(await describeJson(id)).toMatchObject({
      description: 'stays',
      values: [{ version: 2, preview: '****rota' }],
    });
  });

  it('R-178 --description changes only the description and asks for nothing; both together change both', async () => {
    const { id } = await create('DESCRIBED_KEY');
    expect(await run('update', 'agentenvvar', id, '--description', 'now said')).toMatchObject({ status: 0 });
    expect(await describeJson(id)).toMatchObject({ description: 'now said', values: [{ version: 1 }] });
    await run('update', 'agentenvvar', id, '--description', 'twice', '--value', rotated);
    expect(await describeJson(id)).toMatchObject({ description: 'twice', values: [{ version: 2 }] });
  });

  it('R-172 takes --agent and --key in place of the id, and not both', async () => {
    const { id } = await create('NAMED_KEY');
    const named = ['--agent', 'biller', '--key', 'NAMED_KEY'];
    expect(await run('update', 'agentenvvar', ...named, '--value', rotated)).toMatchObject({ status: 0 });
    expect(await describeJson(id)).toMatchObject({ values: [{ version: 2 }] });
    expect(await run('update', 'agentenvvar', id, ...named, '--value', rotated)).toMatchObject({ status: 2 });
  });
});

describe('coffer describe agentenvvar', () => {
  it('R-083 R-179 prints all metadata, the masked preview and the versions, never the value', async () => {
    const { id } = await create('SHOWN_KEY', '-d', 'shown', '--tag', 'billing', '--type', 'api_key');
    await run('update', 'agentenvvar', id, '--value', rotated);
    const { stdout, stderr } = await run('describe', 'agentenvvar', id);
    for (const line of [
      /^Name +SHOWN_KEY$/m,
      new RegExp(`^Id +${id}$`, 'm'),
      /^Scope +agent biller$/m,
      /^Description +shown$/m,
      /^Credential type +api_key$/m,
      /^Tags +billing$/m,
      /^Created +.* by owner@coffer\.local$/m,
      /^\* +2 +local +\*{4}rota /m,
      /^1 +\* +create +local +.* owner@coffer\.local$/m,
    ])
      expect(stdout).toMatch(line);
    const json = JSON.stringify(await describeJson(id));
    for (const hidden of [value, rotated]) expect(stdout + stderr + json).not.toContain(hidden);
  });

  it('R-083 R-179 there is no --reveal while the policy cannot be turned on', async () => {
    const { id } = await create('UNREVEALED_KEY');
    const { status, stdout, stderr } = await run('describe', 'agentenvvar', id, '--reveal');
    expect(status).toBe(2);
    expect(stdout + stderr).not.toContain(value);
  });
});

describe('what is no agent’s variable', () => {
  const verbs: readonly (readonly [string, readonly string[]])[] = [
    ['delete', []],
    ['update', ['--description', 'changed']],
    ['describe', []],
  ];

  it.each(verbs)(
    'R-172 %s refuses a secret of the vault and of a project, and names the command',
    async (verb, more) => {
      const vault = await ann.ask<SecretWritten>(['secrets', 'create', `VAULT_${verb}`, '--value', value]);
      const shared = await ann.ask<SecretRecord>(['secrets', 'get', '--project', 'default', 'SHARED_KEY']);
      for (const { id } of [vault, shared]) {
        const { status, stderr } = await run(verb, 'agentenvvar', id, ...more);
        expect(status).toBe(5);
        expect(stderr).toContain('secret_not_found');
        expect(stderr).toContain(`coffer secrets get --id ${id}`);
        expect(await ann.ask(['secrets', 'get', '--id', id])).toMatchObject({ description: '' });
      }
    },
  );

  it('R-076 R-177 keys that may write but not read rotate one by its id, and no other secret', async () => {
    const { id } = await create('BY_KEY');
    const shared = await ann.ask<SecretRecord>(['secrets', 'get', '--project', 'default', 'SHARED_KEY']);
    for (const bound of [
      ['--agent', 'biller'],
      ['--project', 'default'],
    ]) {
      const { key } = await ann.ask<{ key: string }>(['key', 'create', ...bound, '--right', 'write']);
      const update = (secret: string) =>
        ann.run(['update', 'agentenvvar', secret, '--value', rotated], {
          environment: { COFFER_API_KEY: key },
        });
      expect(await update(id)).toMatchObject({ status: 0 });
      expect(await update(shared.id)).toMatchObject({ status: bound[0] === '--project' ? 5 : 4 });
    }
  });

  it.each(verbs)('R-172 %s without an id says that the id is missing', async (verb) => {
    const { status, stderr } = await run(verb, 'agentenvvar');
    expect(status).toBe(2);
    expect(stderr).toContain('secret_id is missing');
  });
});

describe('by an id, a command leaves one event', () => {
  const actionsOn = async (id: string): Promise<readonly string[]> =>
    (await ann.ask<AuditEventRecord[]>(['audit', 'list', '--secret', id]))
      .map(({ action }) => action)
      .toReversed();

  it('R-256 and no other for looking whose secret it is', async () => {
    const { id } = await create('TRACED_KEY');
    await run('describe', 'agentenvvar', id);
    await run('update', 'agentenvvar', id, '--value', rotated);
    await run('delete', 'agentenvvar', id);
    expect(await actionsOn(id)).toEqual([
      'secret.create',
      'secret.describe',
      'secret.rotate',
      'secret.delete',
    ]);
  });
});

describe('coffer delete agentenvvar', () => {
  it('R-180 removes it', async () => {
    const { id } = await create('GONE_KEY');
    expect(await ann.ask<SecretDeleted>(['delete', 'agentenvvar', id])).toMatchObject({ id });
    expect(await run('describe', 'agentenvvar', id)).toMatchObject({ status: 5 });
    expect((await run('list', 'agentenvvars', '--agent', 'biller')).stdout).not.toContain('GONE_KEY');
  });
});
