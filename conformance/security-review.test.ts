import {
  ask,
  callerOf,
  createTeam,
  hasPostgres,
  refusalOf,
  startServer,
  stopPostgres,
} from '@coffer/testkit';
import { afterAll, describe, expect, it } from 'vitest';

const server = await startServer();
const { owner, admin, holder, member, auditor, newAgent } = await createTeam(server);
afterAll(async () => {
  await server.close();
  await stopPostgres();
});

const withPostgres = hasPostgres();
const forbidden = { code: 'forbidden', statusCode: 403 };
const value = 'a-production-value-of-length';

const keyed = async (fields: Parameters<typeof owner.keys.create>[0]) =>
  callerOf(server.url, (await owner.keys.create(fields)).key);

describe('ways to a value', () => {
  it('R-112 R-319 an agent’s owner cannot copy a production value to where that person may start', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'KEY', { development: 'harmless', production: value });
    for (const to of ['development', '*'])
      expect(await refusalOf(holder.secrets.copy(agent, 'KEY', { from: 'production', to }))).toMatchObject(
        forbidden,
      );
    await holder.secrets.copy(agent, 'KEY', { from: 'development', to: 'staging' });
    await holder.secrets.copy(agent, 'KEY', { from: 'production', to: 'staging' });
    expect(
      await refusalOf(holder.secrets.copy(agent, 'KEY', { from: 'staging', to: 'development' })),
    ).toMatchObject(forbidden);
    await admin.secrets.copy(agent, 'KEY', { from: 'production', to: 'staging' });
    const { key } = await holder.keys.create({ agent, rights: ['run'], environments: ['development'] });
    expect(await callerOf(server.url, key).deliver(agent)).toEqual({ KEY: 'harmless' });
  });

  it('R-076 a key of some environments reads no plain value and no preview of another', async () => {
    const agent = await newAgent();
    await owner.secrets.create(
      agent,
      'REGION',
      { staging: 'eu-test', production: 'eu-live' },
      { kind: 'plain' },
    );
    await owner.secrets.create(agent, 'KEY', { staging: 'staging-value-of-words', production: value });
    const key = await keyed({ agent, rights: ['read'], environments: ['staging'] });
    const listed = JSON.stringify([
      await key.secrets.list(agent),
      await key.secrets.get(agent, 'REGION'),
      await key.secrets.get(agent, 'KEY'),
      await key.agents.received(agent, { environment: 'production' }),
    ]);
    expect(listed).toContain('eu-test');
    expect(listed).not.toContain('eu-live');
    expect(listed).not.toContain(`****${value.slice(-4)}`);
  });

  it('R-076 R-159 a key of some environments does not hear what another environment holds', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'KEY', { staging: 'other-value', production: value });
    const key = await keyed({ agent, rights: ['read', 'write'], environments: ['staging'] });
    const { advice } = await key.secrets.set(agent, 'KEY', value, { environment: 'staging' });
    expect(advice.map(({ code }) => code)).not.toContain('same_value_in_environments');
  });
});

describe('what a key is narrowed to (R-076)', () => {
  it('R-076 a key of some environments changes nothing of the whole secret, by set either', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'KEY', { staging: value, production: value });
    const key = await keyed({ agent, rights: ['write'], environments: ['staging'] });
    const fields = [
      { exposure: 'broker' as const },
      { allowedHosts: ['evil.example.com'] },
      { credentialType: 'password' as const },
    ];
    for (const changed of fields) {
      const set = key.secrets.set(agent, 'KEY', value, { environment: 'staging', ...changed });
      expect(await refusalOf(set)).toMatchObject(forbidden);
      expect(await refusalOf(key.secrets.update(agent, 'KEY', changed))).toMatchObject(forbidden);
    }
    const never = key.secrets.update(agent, 'KEY', { neverReveal: true });
    expect(await refusalOf(never)).toMatchObject(forbidden);
    const { id } = await owner.secrets.create(
      agent,
      'PLAIN',
      { staging: 'a', production: 'b' },
      { kind: 'plain' },
    );
    const sealed = await key.ask('PUT', `/v1/agents/${agent}/secrets/PLAIN`, {
      body: { kind: 'sealed', environment: 'staging', value },
    });
    expect(sealed.code).toBe('forbidden');
    const imported = key.secrets.import(agent, [{ name: 'PLAIN', value }], {
      environment: 'staging',
      kind: 'sealed',
      onConflict: 'overwrite',
    });
    expect(await refusalOf(imported)).toMatchObject(forbidden);
    expect((await owner.secrets.get({ id })).kind).toBe('plain');
  });

  it('R-076 an admin key of some environments administers nothing that serves them all', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'KEY', value);
    const key = await keyed({ rights: ['admin'], environments: ['staging'] });
    for (const asked of [
      () => key.keys.create({ rights: ['admin'] }),
      () => key.agents.delete(agent),
      () => key.policy.set('people_may_run', { production: ['member'] }),
      () => key.agents.update(agent, { owner: 'member@example.com' }),
      () => key.members.create({ email: 'other@example.com', role: 'admin' }),
    ])
      expect(await refusalOf(asked())).toMatchObject(forbidden);
  });

  it('R-076 a key makes no key that starts agents or outlives it', async () => {
    const agent = await newAgent();
    const made = await owner.keys.create({ rights: ['admin'], expiresInDays: 2 });
    const key = callerOf(server.url, made.key);
    const runs = key.keys.create({ agent, rights: ['run'], environments: ['production'] });
    expect(await refusalOf(runs)).toMatchObject(forbidden);
    const child = await key.keys.create({ agent, rights: ['read'], expiresInDays: 3650 });
    expect(Date.parse(child.expiresAt)).toBeLessThanOrEqual(Date.parse(made.expiresAt));
  });
});

describe('the trail (R-258)', () => {
  const refusals = async (actor: string) =>
    (await owner.audit.list({ limit: 200 })).items.filter(
      (event) => event.outcome === 'refused' && event.actor.name === actor,
    );

  it('R-064 R-258 a refused list is in the trail like a refused write', async () => {
    const agent = await newAgent();
    await refusalOf(member.secrets.list(agent));
    await refusalOf(auditor.agents.received(agent));
    expect((await refusals('member@example.com')).at(0)).toMatchObject({ code: 'forbidden', agent });
    expect((await refusals('auditor@example.com')).at(0)).toMatchObject({ code: 'forbidden', agent });
  });

  it('R-072 R-258 a workload’s token used for something else is in the trail', async () => {
    const agent = await newAgent();
    const { text } = await owner.ask('POST', '/v1/workloads', {
      body: { target: { type: 'agent', id: agent } },
    });
    const started = JSON.parse(text) as { token: string; workload: { id: string } };
    await refusalOf(callerOf(server.url, started.token).secrets.list(agent));
    expect(await refusals(started.workload.id)).toHaveLength(1);
  });
});

describe('what stays after access is lost', () => {
  it('R-062 R-076 a run key was given, so it outlasts its maker’s agent until an admin revokes it', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'KEY', value);
    const made = await holder.keys.create({ agent, rights: ['run', 'read'], environments: ['development'] });
    const machine = callerOf(server.url, made.key);
    await owner.agents.update(agent, { owner: 'member@example.com' });
    expect(await refusalOf(machine.secrets.list(agent))).toMatchObject(forbidden);
    expect(await machine.deliver(agent)).toEqual({ KEY: value });
    const further = holder.keys.create({ agent, rights: ['run'], environments: ['development'] });
    expect(await refusalOf(further)).toMatchObject(forbidden);
    expect((await owner.keys.list()).items.map(({ id }) => id)).toContain(made.id);
    await owner.keys.revoke(made.id);
    expect(await refusalOf(machine.deliver(agent))).toMatchObject({ code: 'not_authenticated' });
  });

  it('R-075 a key that an admin key made ends with it, and says in the lists where it comes from', async () => {
    const first = await owner.keys.create({ rights: ['admin'] });
    const second = await callerOf(server.url, first.key).keys.create({ rights: ['admin'] });
    const third = await callerOf(server.url, second.key).keys.create({ rights: ['admin'] });
    expect([first.madeByKey, second.madeByKey, third.madeByKey]).toEqual([null, first.id, second.id]);
    const holderOfThird = callerOf(server.url, third.key);
    await holderOfThird.agents.list();
    await owner.keys.revoke(first.id);
    expect(await refusalOf(holderOfThird.agents.list())).toMatchObject({ code: 'not_authenticated' });
    const listed = (await owner.keys.list()).items.find(({ id }) => id === third.id);
    expect(listed).toMatchObject({ madeByKey: second.id, revokedAt: expect.any(String) as string });
    const { items } = await owner.audit.list({ action: 'key.revoke' });
    expect(items[0]?.details).toMatchObject({ key: first.id, made: [second.id, third.id] });
  });

  it('R-075 the session of a removed member stays over when the person is added again', async () => {
    const email = 'back-again@example.com';
    await owner.members.create({ email, role: 'member' });
    const before = callerOf(server.url, await server.loginAs(email));
    await before.agents.list();
    await owner.members.delete(email);
    expect(await refusalOf(before.agents.list())).toMatchObject({ code: 'not_authenticated' });
    await owner.members.create({ email, role: 'member' });
    expect(await refusalOf(before.agents.list())).toMatchObject({ code: 'not_authenticated' });
    await callerOf(server.url, await server.loginAs(email)).agents.list();
  });

  it('R-075 R-318 a revoked key hears no remembered answer', async () => {
    const agent = await newAgent();
    const { id, key } = await owner.keys.create({ agent, rights: ['write'] });
    const machine = callerOf(server.url, key);
    await machine.secrets.set(agent, 'KEY', value, { idempotencyKey: 'once' });
    await owner.keys.revoke(id);
    const again = machine.secrets.set(agent, 'KEY', value, { idempotencyKey: 'once' });
    expect(await refusalOf(again)).toMatchObject({ code: 'not_authenticated' });
  });

  it('R-075 R-318 a lost role hears no remembered answer', async () => {
    const { id } = await owner.members.create({ email: 'fallen@example.com', role: 'admin' });
    const person = callerOf(server.url, await server.loginAs('fallen@example.com'));
    const agent = await newAgent();
    await person.secrets.set(agent, 'KEY', value, { idempotencyKey: 'once' });
    await owner.members.update(id, { role: 'member' });
    const again = person.secrets.set(agent, 'KEY', value, { idempotencyKey: 'once' });
    expect(await refusalOf(again)).toMatchObject(forbidden);
  });
});

describe('requests without a credential', () => {
  const post = (url: string, path: string, body?: unknown) =>
    ask(`${url}${path}`, { method: 'POST', ...(body !== undefined && { body }) });

  it('a login challenge of another form is refused before anything is looked up', async () => {
    for (const challengeId of ['...', '../../root', 'chl_x', 'chl_\0'])
      expect(await post(server.url, '/v1/login/local', { challengeId, answer: 'x' })).toMatchObject({
        code: 'request_invalid',
      });
  });

  it('R-258 login challenges and wrong answers are limited per address', async () => {
    const other = await startServer();
    const codes: (string | undefined)[] = [];
    for (let count = 0; count < 120; count += 1)
      codes.push((await post(other.url, '/v1/login/local/challenge')).code);
    expect(codes.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => undefined));
    expect(codes.at(-1)).toBe('rate_limited');
    const wrong = { challengeId: `chl_${'0'.repeat(32)}`, answer: 'wrong' };
    const answers: (string | undefined)[] = [];
    for (let count = 0; count < 120; count += 1)
      answers.push((await post(other.url, '/v1/login/local', wrong)).code);
    expect(answers[0]).toBe('not_authenticated');
    expect(answers.at(-1)).toBe('rate_limited');
    await other.close();
  });

  it('a login challenge tells the data directory’s path on the server’s own host alone', async () => {
    const other = await startServer({ settings: { 'trusted-proxy': 'true' } });
    const challenge = (address: string) =>
      ask(`${other.url}/v1/login/local/challenge`, {
        method: 'POST',
        headers: { 'x-forwarded-for': address },
      });
    const elsewhere = await challenge('203.0.113.9');
    expect(JSON.parse(elsewhere.text)).toMatchObject({ file: null });
    expect(elsewhere.text).not.toContain(other.dataDir);
    expect((await challenge('127.0.0.1')).text).not.toContain(other.dataDir);
    const near = await ask(`${other.url}/v1/login/local/challenge`, { method: 'POST' });
    expect(near.text).toContain(other.dataDir);
    await other.close();
  });

  it('R-258 a page of another site begins no login, as it would use up what the host has', async () => {
    const challenge = (headers: Record<string, string>) =>
      ask(`${server.url}/v1/login/local/challenge`, { method: 'POST', headers });
    const elsewhere = { origin: 'https://evil.example' };
    for (const headers of [elsewhere, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }])
      expect(await challenge(headers)).toMatchObject({ status: 400, code: 'request_invalid' });
    for (const headers of [{ origin: server.url }, { 'sec-fetch-site': 'same-origin' }])
      expect(await challenge(headers)).toMatchObject({ status: 201 });
  });

  it('R-258 failed credentials from ever new addresses leave a bounded number of events, and a count', async () => {
    const other = await startServer({ settings: { 'trusted-proxy': 'true' } });
    const count = 700;
    for (let at = 0; at < count; at += 1)
      await ask(`${other.url}/v1/whoami`, {
        method: 'GET',
        token: 'cfr_ses_of_nobody',
        headers: { 'x-forwarded-for': `2001:db8::${at.toString(16)}` },
      });
    await other.server.house.authenticator.saveFailures();
    const events = await other.server.house.database.read(async (stores) =>
      stores.audit.listChain('instance', 0, 10_000),
    );
    const failures = events.filter(({ action }) => action === 'authenticate');
    const suppressed = failures.map(
      ({ details }) => (JSON.parse(details) as { suppressed?: number }).suppressed,
    );
    expect(failures.length).toBeLessThanOrEqual(601);
    expect(failures.length + suppressed.reduce<number>((sum, one) => sum + (one ?? 0), 0)).toBe(count + 1);
    await other.close();
  });

  it('a body beyond what a login needs is refused', async () => {
    const body = { challengeId: `chl_${'0'.repeat(32)}`, answer: 'x'.repeat(100_000) };
    expect(await post(server.url, '/v1/login/local', body)).toMatchObject({ code: 'payload_too_large' });
  });

  it.skipIf(!withPostgres)(
    'a NUL fails nobody else’s write on PostgreSQL',
    async () => {
      const other = await startServer({ engine: 'postgres' });
      const mine = callerOf(other.url, other.ownerToken);
      await mine.agents.create({ slug: 'nul' });
      const poison = { challengeId: 'chl_\0', answer: 'x' };
      const writes = Array.from({ length: 20 }, (_, count) => [
        mine.secrets.set('nul', `KEY_${count}`, value),
        post(other.url, '/v1/login/local', poison),
        mine.ask('POST', '/v1/workloads', { body: { target: { type: 'agent', id: 'a\0' } } }),
      ]).flat();
      const answers = await Promise.allSettled(writes);
      expect(answers.filter(({ status }) => status === 'rejected')).toEqual([]);
      await other.close();
    },
    60_000,
  );
});

describe('input that is odd but well-formed', () => {
  it('an environment may be called what every object has', async () => {
    const { slug } = await owner.environments.create({ slug: 'constructor' });
    const agent = await newAgent();
    await owner.secrets.set(agent, 'KEY', value);
    const start = { body: { target: { type: 'agent', id: agent }, environment: slug } };
    expect((await owner.ask('POST', '/v1/workloads', start)).status).toBe(403);
  });

  it('a plain value with a NUL character and a made-up cursor are refused, not failed on', async () => {
    const refused = refusalOf(
      owner.secrets.create({ organization: true }, 'NULS', 'one\0two', { kind: 'plain' }),
    );
    expect(await refused).toMatchObject({ code: 'value_invalid', statusCode: 422 });
    const cursor = Buffer.from(JSON.stringify(['not a number'])).toString('base64url');
    expect(await refusalOf(owner.audit.list({ cursor }))).toMatchObject({ code: 'request_invalid' });
  });
});
