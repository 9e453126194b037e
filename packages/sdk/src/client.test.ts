import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CofferError } from '@coffer/contract/errors';
import { startServer } from '@coffer/testkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createClient, type Client } from './client.ts';
import connected from './examples/connect.ts';
import { runAgent } from './examples/run.ts';
import { explain, importFile, readSecrets, remove, rotate, storeSecrets } from './examples/secrets.ts';
import { startWorkload } from './runner/index.ts';

type Server = Awaited<ReturnType<typeof startServer>>;
let server: Server;
let client: Client;

beforeAll(async () => {
  server = await startServer();
  client = createClient({ baseUrl: server.url, token: server.ownerToken });
});
afterAll(async () => {
  await server.close();
});

let agents = 0;
async function createAgent(): Promise<string> {
  agents += 1;
  return (await client.agents.create({ slug: `bot-${agents}` })).slug;
}

const codeOf = async (asked: Promise<unknown>): Promise<unknown> =>
  await asked.then(
    () => 'no error',
    (reason: unknown) => (reason instanceof CofferError ? reason.code : reason),
  );

describe('secrets', () => {
  it('R-217 set upserts a secret of the agent, and list, get and delete find it by name', async () => {
    const agent = await createAgent();
    const first = await client.secrets.set(agent, 'API_KEY', 'planted-first-0001');
    const second = await client.secrets.set(agent, 'API_KEY', 'planted-second-0002');
    expect([first.created, first.version, second.created, second.version]).toEqual([true, 1, false, 2]);
    const { items } = await client.secrets.list(agent);
    expect(items.map(({ name }) => name)).toEqual(['API_KEY']);
    expect((await client.secrets.get({ id: first.id })).name).toBe('API_KEY');
    await client.secrets.delete(agent, 'API_KEY');
    expect(await codeOf(client.secrets.get(agent, 'API_KEY'))).toBe('secret_not_found');
    await client.secrets.restore({ id: first.id });
    expect((await client.secrets.get({ agent, name: 'API_KEY' })).id).toBe(first.id);
  });

  it.each([{ project: 'default' }, { organization: true } as const])(
    'R-217 the same for the secrets of %o, by environment',
    async (owner) => {
      await client.secrets.create(owner, 'SCOPED', { '*': 'everywhere-1', production: 'live-1' });
      expect(await codeOf(client.secrets.create(owner, 'SCOPED', 'again-1'))).toBe('secret_exists');
      await client.secrets.update(owner, 'SCOPED', { environment: 'production', value: 'live-2' });
      const secret = await client.secrets.get(owner, 'SCOPED');
      const versions = Object.fromEntries(secret.values.map((value) => [value.environment, value.version]));
      expect(versions).toEqual({ '*': 1, production: 2 });
      const names = [];
      for await (const { name } of client.secrets.listAll(owner, { limit: 1 })) names.push(name);
      expect(names).toContain('SCOPED');
      await client.secrets.delete(owner, 'SCOPED', { purge: true });
      expect(await codeOf(client.secrets.get(owner, 'SCOPED'))).toBe('secret_not_found');
    },
  );

  it('R-018 rollback, copy, versions, destroyed versions and removed values', async () => {
    const agent = await createAgent();
    await client.secrets.set(agent, 'K', 'value-one', { environment: 'staging' });
    await client.secrets.set(agent, 'K', 'value-two', { environment: 'staging' });
    await client.secrets.rollback(agent, 'K', { environment: 'staging', version: 1 });
    await client.secrets.copy(agent, 'K', { from: 'staging', to: 'production' });
    await client.secrets.destroyVersion(agent, 'K', { environment: 'staging', version: 2 });
    await client.secrets.removeValue(agent, 'K', 'production');
    const { items } = await client.secrets.versions(agent, 'K');
    const staging = items.filter(({ environment }) => environment === 'staging');
    const summary = staging.map(({ version, change, destroyedAt }) => [
      version,
      change,
      destroyedAt !== null,
    ]);
    expect(summary.toSorted()).toEqual([
      [1, 'create', false],
      [2, 'rotate', true],
      [3, 'rollback', false],
    ]);
    const { values } = await client.secrets.get(agent, 'K');
    expect(values.map(({ environment }) => environment)).toEqual(['staging']);
  });

  it('R-318 a write with another expected version is refused, one with the same key is done once', async () => {
    const agent = await createAgent();
    await client.secrets.set(agent, 'K', 'value-one', { expectVersion: 0 });
    expect(await codeOf(client.secrets.set(agent, 'K', 'value-two', { expectVersion: 0 }))).toBe(
      'version_conflict',
    );
    const once = { idempotencyKey: `${agent}-once`, expectVersion: 1 };
    const first = await client.secrets.set(agent, 'K', 'value-three', once);
    const again = await client.secrets.set(agent, 'K', 'value-three', once);
    expect([first.version, again.version]).toEqual([2, 2]);
    expect(await codeOf(client.secrets.set(agent, 'K', 'value-four', once))).toBe('idempotency_conflict');
  });

  it('R-077 R-218 no answer carries the value of a sealed secret', async () => {
    const agent = await createAgent();
    const planted = 'planted-value-4711-of-the-sdk';
    const answers = [
      await client.secrets.set(agent, 'K', planted),
      await client.secrets.update(agent, 'K', { description: 'changed' }),
      await client.secrets.import(agent, [{ name: 'L', value: planted }]),
      await client.secrets.list(agent),
      await client.secrets.get(agent, 'K'),
      await client.secrets.versions(agent, 'K'),
      await client.secrets.rollback(agent, 'K', { version: 1 }),
      await client.secrets.copy(agent, 'K', { from: '*', to: 'staging' }),
      await client.agents.received(agent, { environment: 'staging' }),
      await client.workloads.preview({ agent, environment: 'staging' }).catch((error: unknown) => error),
      await client.secrets.delete(agent, 'K'),
      await client.secrets.restore(agent, 'K'),
      await client.audit.list({ agent }),
    ];
    for (const answer of answers) expect(JSON.stringify(answer)).not.toContain(planted);
  });

  it('R-218 a refusal says what is wrong and what to do, in the one error class', async () => {
    const agent = await createAgent();
    const refusal = await client.secrets
      .set(agent, 'bad name', 'some-value')
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(CofferError);
    expect(refusal).toMatchObject({ statusCode: 422, hint: expect.any(String) as unknown });
    expect((refusal as CofferError).requestId).toBeTypeOf('string');
  });
});

describe('the rest of the client', () => {
  it('logs in on the server’s own host, says who it is, and logs out', async () => {
    const anyone = createClient({ baseUrl: server.url });
    const { challengeId, file } = await anyone.login.challenge();
    const [answer = ''] = (await readFile(file ?? '', 'utf8')).split('\n');
    const { token, email } = await anyone.login.complete({ challengeId, answer });
    const person = createClient({ baseUrl: server.url, token });
    expect(await person.whoami()).toMatchObject({ type: 'person', email, role: 'owner' });
    await person.logout();
    expect(await codeOf(person.whoami())).toBe('not_authenticated');
  });

  it('an organization is named in the path where the client was given one', async () => {
    const { items } = await client.organizations.list();
    const [organization] = items;
    const inside = createClient({
      baseUrl: server.url,
      token: server.ownerToken,
      organization: organization?.slug,
    });
    expect((await inside.whoami()).organization?.id).toBe(organization?.id);
    const elsewhere = createClient({
      baseUrl: server.url,
      token: server.ownerToken,
      organization: 'elsewhere',
    });
    expect(await codeOf(elsewhere.agents.list())).toBe('organization_not_found');
  });

  it('makes and revokes keys, and the audit trail verifies', async () => {
    const agent = await createAgent();
    const { key, id } = await client.keys.create({ agent, environments: ['development'], rights: ['run'] });
    const machine = createClient({ baseUrl: server.url, apiKey: key });
    expect(await machine.whoami()).toMatchObject({ type: 'key', key: { id } });
    await client.keys.revoke(id);
    expect(await codeOf(machine.whoami())).toBe('not_authenticated');
    expect(await client.audit.verify()).toMatchObject({ ok: true });
  });
});

describe('a started workload', () => {
  const start = async () => {
    const agent = await createAgent();
    await client.secrets.set(agent, 'K', 'planted-run-value');
    const options = { baseUrl: server.url, token: server.ownerToken };
    return { agent, started: await startWorkload(options, { agent, environment: 'development' }) };
  };

  it('has the values, is told of a rotation and a stop, and tells its end', async () => {
    const { agent, started } = await start();
    const { workload, variables, link } = started;
    expect(variables).toMatchObject([{ name: 'K', value: 'planted-run-value', masked: true }]);
    const heard: unknown[] = [];
    link.listen({ stop: () => heard.push('stop'), rotated: (stale) => heard.push(stale) });
    await vi.waitUntil(async () => (await client.workloads.get(workload.id)).state === 'running', 5000);
    await client.secrets.set(agent, 'K', 'planted-run-value-2');
    await vi.waitUntil(() => heard.length === 1, 5000);
    await client.workloads.stop(workload.id);
    await vi.waitUntil(() => heard.length === 2, 5000);
    expect(heard).toEqual([['K'], 'stop']);
    expect(await link.end(143)).toBe(true);
    expect(await client.workloads.get(workload.id)).toMatchObject({ state: 'stopped', exitStatus: 143 });
  });

  it('R-106 is told to restart when its agent is restarted', async () => {
    const { agent, started } = await start();
    const heard: unknown[] = [];
    started.link.listen({ stop: () => heard.push('stop'), restart: () => heard.push('restart') });
    await vi.waitUntil(
      async () => (await client.workloads.get(started.workload.id)).state === 'running',
      5000,
    );
    await client.agents.restart(agent);
    await vi.waitUntil(() => heard.length > 0, 5000);
    expect(heard).toEqual(['restart']);
    await started.link.end(0);
  });
});

it('the examples of docs/sdk.md do what they say', async () => {
  expect(Object.keys(connected)).toContain('secrets');
  const agent = 'support-bot';
  await client.agents.create({ slug: agent });
  await storeSecrets(client, 'planted-example-key', 'planted-live-key');
  expect((await readSecrets(client)).length).toBeGreaterThan(2);
  expect(await rotate(client, 'planted-new-live-key')).toEqual([]);
  await remove(client);
  const file = join(server.dataDir, 'example.env');
  await writeFile(file, 'NEW_KEY=abcdefgh\nOTHER=your-key-here\nBLANK=\n');
  expect(await importFile(client, file)).toMatchObject({ imported_secret: 1 });
  expect(await explain(client)).toBeTypeOf('string');

  await client.policy.set('people_may_run', { production: ['owner'] });
  await client.policy.set('unmasked_runs', 'any');
  const program = join(server.dataDir, 'agent.mjs');
  await writeFile(program, "process.exit(process.env.STRIPE_API_KEY === 'planted-live-key' ? 7 : 1);");
  expect(await runAgent({ baseUrl: server.url, token: server.ownerToken }, program)).toBe(7);
});
