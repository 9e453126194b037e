import { callerOf, createOrganization, createTeam, refusalOf, startServer } from '@coffer/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import type { SecretById } from '@coffer/sdk';

const server = await startServer();
const { owner, holder, member, newAgent } = await createTeam(server);
afterAll(() => server.close());

const vault = { organization: true } as const;
const project = { project: 'default' } as const;
const longValue = 'sk-proj-0123456789abcdefWXYZ';

describe('kinds and scopes', () => {
  it('R-001 a secret is sealed and shown as type secret, or plain and shown as type variable', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'SEALED', longValue);
    await owner.secrets.create(agent, 'PLAIN', 'eu-west-1', { kind: 'plain' });
    expect(await owner.secrets.get(agent, 'SEALED')).toMatchObject({ kind: 'sealed', type: 'secret' });
    expect(await owner.secrets.get(agent, 'PLAIN')).toMatchObject({ kind: 'plain', type: 'variable' });
  });

  it('R-001 both kinds share one namespace in a scope', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'REGION', longValue);
    const taken = owner.secrets.create(agent, 'REGION', 'eu-west-1', { kind: 'plain' });
    expect(await refusalOf(taken)).toMatchObject({ code: 'secret_exists' });
  });

  it('R-002 a sealed secret takes any credential text', async () => {
    const agent = await newAgent();
    const texts = {
      TOKEN: 'ghp_16C7e42F292c6912E7710c838347Ae178B4a',
      DATABASE_URL: 'postgres://u:p%40ss@db.internal:5432/app?sslmode=require',
      PEM: '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n',
      JSON_KEY: '{"type":"service_account","private_key":"x"}',
      PASSPHRASE: 'correct horse battery staple',
    };
    for (const [name, value] of Object.entries(texts)) await owner.secrets.create(agent, name, value);
    expect(await owner.deliver(agent)).toEqual(texts);
  });

  it('R-003 the value of a plain secret is shown to whoever may read the metadata', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'REGION', 'eu-west-1', { kind: 'plain' });
    expect((await holder.secrets.get(agent, 'REGION')).values[0]).toMatchObject({ value: 'eu-west-1' });
    expect((await holder.secrets.list(agent)).items[0]?.values[0]).toMatchObject({ value: 'eu-west-1' });
  });

  it('R-004 name and value are enough, and the rest has a default', async () => {
    const agent = await newAgent();
    const { id } = await owner.secrets.create(agent, 'KEY', longValue);
    expect(await owner.secrets.get({ id })).toMatchObject({
      name: 'KEY',
      kind: 'sealed',
      scope: 'agent',
      exposure: 'env',
      description: '',
    });
  });

  it('R-219 an id given with a scope names a secret of that scope alone, whatever is asked', async () => {
    const agent = await newAgent();
    const vaulted = await owner.secrets.create(
      vault,
      `SCOPED_${agent.toUpperCase().replaceAll('-', '_')}`,
      '1',
    );
    const shared = await owner.secrets.create(project, vaulted.name, longValue);
    const own = await owner.secrets.create(agent, 'SCOPED', longValue);
    const { secrets } = owner;
    const acts: readonly ((secret: SecretById) => Promise<unknown>)[] = [
      (secret) => secrets.get(secret),
      (secret) => secrets.versions(secret),
      (secret) => secrets.update(secret, { description: 'changed' }),
      (secret) => secrets.rollback(secret, { version: 1 }),
      (secret) => secrets.copy(secret, { from: '*', to: 'staging' }),
      (secret) => secrets.removeValue(secret, 'staging'),
      (secret) => secrets.destroyVersion(secret, { environment: '*', version: 1 }),
      (secret) => secrets.delete(secret),
      (secret) => secrets.restore(secret),
      (secret) => secrets.delete(secret, { purge: true }),
    ];
    for (const { id } of [vaulted, shared]) {
      for (const act of acts)
        expect(await refusalOf(act({ id, scope: 'agent' }))).toMatchObject({ code: 'secret_not_found' });
      expect(await secrets.get({ id })).toMatchObject({ description: '', values: [{ version: 1 }] });
    }
    // Who may not use it does not hear whose it is.
    const asked = member.secrets.get({ id: own.id, scope: 'project' });
    expect(await refusalOf(asked)).toMatchObject({ code: 'forbidden' });
    for (const act of acts) await act({ id: own.id, scope: 'agent' });
    for (const { id } of [vaulted, shared]) await secrets.delete({ id });
  });

  it('R-005 the scope is where it was created and cannot be changed', async () => {
    const agent = await newAgent();
    const scopes = { agent, project, organization: vault };
    for (const [scope, place] of Object.entries(scopes)) {
      const { id } = await owner.secrets.create(place, 'SCOPED', longValue);
      expect(await owner.secrets.get({ id })).toMatchObject({ scope });
      const moved = await owner.ask('PATCH', `/v1/secrets/${id}`, { body: { scope: 'organization' } });
      expect(moved).toMatchObject({ status: 422, code: 'field_immutable' });
      await owner.secrets.delete({ id }, { purge: true });
    }
  });

  it('R-008 agents hold secrets of one name with values that change independently', async () => {
    const [first, second] = [await newAgent(), await newAgent()];
    await owner.secrets.create(first, 'KEY', 'value-of-the-first');
    await owner.secrets.create(second, 'KEY', 'value-of-the-second');
    await owner.secrets.set(first, 'KEY', 'changed-value');
    expect(await owner.deliver(first)).toEqual({ KEY: 'changed-value' });
    expect(await owner.deliver(second)).toEqual({ KEY: 'value-of-the-second' });
  });

  it('R-009 a project secret reaches every agent of the project and no agent of another', async () => {
    await owner.projects.create({ slug: 'shared' });
    await owner.projects.create({ slug: 'apart' });
    const inside = [await newAgent({ project: 'shared' }), await newAgent({ project: 'shared' })];
    const outside = await newAgent({ project: 'apart' });
    await owner.secrets.create({ project: 'shared' }, 'COMMON', 'for-all-of-the-project');
    await owner.secrets.create({ project: 'shared' }, 'REGION', 'eu-west-1', { kind: 'plain' });
    const expected = { COMMON: 'for-all-of-the-project', REGION: 'eu-west-1' };
    for (const agent of inside) expect(await owner.deliver(agent)).toEqual(expected);
    expect(await owner.deliver(outside)).toEqual({});
  });

  it('R-010 R-097 an organization secret that nothing references reaches nobody', async () => {
    const agent = await newAgent();
    await owner.secrets.create(vault, 'UNREFERENCED', longValue);
    expect(await owner.deliver(agent)).toEqual({});
    expect((await owner.agents.received(agent)).items).toEqual([]);
  });

  it('R-011 no switch opens organization secrets to every agent before references exist', async () => {
    expect(await owner.policy.get()).toMatchObject({ organization_secrets: 'granted_agents' });
    const opened = owner.policy.set('organization_secrets', 'any_agent');
    expect(await refusalOf(opened)).toMatchObject({ code: 'policy_unavailable' });
  });
});

describe('an agent’s secrets go with the agent (R-006)', () => {
  it('R-006 deleting the agent deletes its secrets, says how many, and restores them with it', async () => {
    const agent = await newAgent();
    for (const name of ['ONE', 'TWO']) await owner.secrets.create(agent, name, longValue);
    expect(await owner.agents.delete(agent)).toMatchObject({ secrets: 2, purged: false });
    expect(await refusalOf(owner.secrets.list(agent))).toMatchObject({ code: 'agent_not_found' });
    await owner.agents.restore(agent);
    expect(await owner.deliver(agent)).toEqual({ ONE: longValue, TWO: longValue });
  });

  it('R-006 a secret that was deleted before its agent stays deleted when the agent comes back', async () => {
    const agent = await newAgent();
    for (const name of ['KEPT', 'GONE']) await owner.secrets.create(agent, name, longValue);
    await owner.secrets.delete(agent, 'GONE');
    await owner.agents.delete(agent);
    await owner.agents.restore(agent);
    expect(await owner.deliver(agent)).toEqual({ KEPT: longValue });
  });

  it('R-006 R-267 an agent whose slug is taken again comes back as the refusal says', async () => {
    const agent = await newAgent();
    expect(await refusalOf(owner.agents.restore(agent))).toMatchObject({
      code: 'agent_exists',
      message: `The agent ${agent} is not deleted, so there is nothing to restore.`,
    });
    await owner.secrets.create(agent, 'KEPT', longValue);
    const { id } = await owner.agents.delete(agent);
    await owner.agents.create({ slug: agent });
    const refused = await refusalOf(owner.agents.restore(agent));
    expect(refused).toMatchObject({ code: 'agent_exists' });
    expect(refused.message).toContain('taken by another agent');
    expect(refused.hint).toContain(`coffer agent delete ${agent}; coffer agent restore ${id}`);
    await owner.agents.delete(agent);
    await owner.agents.restore(id);
    expect(await owner.deliver(agent)).toEqual({ KEPT: longValue });
  });

  it('R-006 purging the agent destroys its secrets at once, also after an earlier delete', async () => {
    const agent = await newAgent();
    const { id } = await owner.secrets.create(agent, 'KEY', longValue);
    await owner.agents.delete(agent);
    expect(await owner.agents.delete(agent, { purge: true })).toMatchObject({ secrets: 1, purged: true });
    expect(await refusalOf(owner.agents.restore(agent))).toMatchObject({ code: 'agent_not_found' });
    expect(await refusalOf(owner.secrets.restore({ id }))).toMatchObject({ code: 'secret_not_found' });
  });
});

describe('what is another’s (R-007, R-012)', () => {
  it('R-007 an agent of the same project and owner gets nothing of another agent', async () => {
    const [first, second] = [await newAgent(), await newAgent()];
    await owner.secrets.create(first, 'ONLY_HERE', longValue);
    expect(await owner.deliver(second)).toEqual({});
    const asked = refusalOf(owner.start({ agent: second, only: ['ONLY_HERE'] }));
    expect(await asked).toMatchObject({ code: 'env_unresolved' });
    const key = await owner.keys.create({
      agent: second,
      rights: ['run', 'read'],
      environments: ['development'],
    });
    const runner = callerOf(server.url, key.key);
    expect(await refusalOf(runner.start({ agent: first }))).toMatchObject({ code: 'run_forbidden' });
    expect(await refusalOf(runner.secrets.list(first))).toMatchObject({ code: 'forbidden' });
  });

  it('R-012 everything of another organization is not found, also for an owner of both', async () => {
    const agent = await newAgent();
    const made = await owner.secrets.create(agent, 'KEY', longValue);
    const { id: agentId } = await owner.agents.get(agent);
    await createOrganization(server, { slug: 'second', ownerEmail: 'both@example.com' });
    await owner.members.create({ email: 'both@example.com', role: 'owner' });
    const token = await server.loginAs('both@example.com');
    const here = callerOf(server.url, token, 'default');
    const there = callerOf(server.url, token, 'second');
    expect(await here.secrets.get({ id: made.id })).toMatchObject({ name: 'KEY' });
    const projectId = (await here.projects.list()).items[0]?.id ?? '';
    const asked = {
      secret_not_found: () => there.secrets.get({ id: made.id }),
      agent_not_found: () => there.start({ agent: agentId }),
      project_not_found: () => there.secrets.list({ project: projectId }),
    };
    for (const [code, ask] of Object.entries(asked)) expect(await refusalOf(ask())).toMatchObject({ code });
    expect(await refusalOf(callerOf(server.url, token).secrets.list(vault))).toMatchObject({
      code: 'request_invalid',
    });
  });
});

describe('names', () => {
  it('R-013 R-014 names are case-sensitive everywhere, and a twin but for case is told', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'API_KEY', 'upper-case-value');
    const twin = await owner.secrets.create(agent, 'api_key', 'lower-case-value');
    expect(twin.advice.map(({ code }) => code)).toContain('name_case_variant');
    expect(await owner.deliver(agent)).toEqual({ API_KEY: 'upper-case-value', api_key: 'lower-case-value' });
    expect(await refusalOf(owner.secrets.get(agent, 'Api_Key'))).toMatchObject({ code: 'secret_not_found' });
  });

  it('R-014 a name is unique in one agent, one project, the organization', async () => {
    const agent = await newAgent();
    for (const place of [agent, project, vault]) {
      await owner.secrets.create(place, 'UNIQUE', longValue);
      const again = refusalOf(owner.secrets.create(place, 'UNIQUE', longValue));
      expect(await again).toMatchObject({ code: 'secret_exists', statusCode: 409 });
    }
    await owner.secrets.delete(project, 'UNIQUE', { purge: true });
  });

  it('R-015 a name cannot be changed, and the hint is to create another secret', async () => {
    const agent = await newAgent();
    const { id } = await owner.secrets.create(agent, 'KEY', longValue);
    const answer = await owner.ask('PATCH', `/v1/secrets/${id}`, { body: { name: 'OTHER' } });
    expect(answer).toMatchObject({ status: 422, code: 'field_immutable' });
    expect(answer.text).toContain('Create another secret');
  });

  it('R-016 secrets of agent and project scope must have a valid variable name', async () => {
    const agent = await newAgent();
    for (const place of [agent, project]) {
      const hyphen = refusalOf(owner.secrets.create(place, 'my-key', longValue));
      expect(await hyphen).toMatchObject({ code: 'env_name_invalid' });
    }
    expect(await owner.secrets.create(vault, 'my-key', longValue)).toMatchObject({ name: 'my-key' });
  });

  it('R-017 a secret is addressed by id and by scope and name, an agent by id and slug', async () => {
    const agent = await newAgent();
    const { id } = await owner.secrets.create(agent, 'KEY', longValue);
    const { id: agentId } = await owner.agents.get(agent);
    const byId = await owner.secrets.get({ id });
    expect(await owner.secrets.get(agent, 'KEY')).toEqual(byId);
    expect(await owner.secrets.get(agentId, 'KEY')).toEqual(byId);
  });
});

describe('metadata', () => {
  it('R-019 holds who and when of creation and update, last use, and a version per environment', async () => {
    const agent = await newAgent();
    await holder.secrets.create(agent, 'KEY', { '*': longValue, staging: 'another-long-staging-value' });
    await owner.secrets.set(agent, 'KEY', 'a-newer-long-value-for-all');
    expect((await owner.secrets.get(agent, 'KEY')).lastUsedAt).toBeNull();
    await owner.deliver(agent);
    const record = await owner.secrets.get(agent, 'KEY');
    expect(record).toMatchObject({ createdBy: 'holder@example.com', updatedBy: 'owner@coffer.local' });
    expect(Date.parse(record.updatedAt)).toBeGreaterThanOrEqual(Date.parse(record.createdAt));
    expect(record.lastUsedAt).not.toBeNull();
    const versions = record.values.map(({ environment, version }) => [environment, version]);
    expect(versions).toEqual([
      ['*', 2],
      ['staging', 1],
    ]);
  });

  it('R-020 keeps credential type, expiry, rotation and tags', async () => {
    const agent = await newAgent();
    const fields = {
      credentialType: 'api_key' as const,
      expiresAt: '2030-01-01T00:00:00.000Z',
      rotateEveryDays: 90,
      tags: ['billing', 'eu'],
      description: 'The billing service',
    };
    await owner.secrets.create(agent, 'KEY', longValue, fields);
    expect(await owner.secrets.get(agent, 'KEY')).toMatchObject(fields);
    await owner.secrets.update(agent, 'KEY', {
      credentialType: null,
      expiresAt: null,
      rotateEveryDays: null,
    });
    expect(await owner.secrets.get(agent, 'KEY')).toMatchObject({ credentialType: null, expiresAt: null });
  });

  it('R-021 the preview is the last four of 20 or more characters, and no tail of a password', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'LONG', '0123456789012345WXYZ');
    await owner.secrets.create(agent, 'SHORT', '012345678901234WXYZ');
    await owner.secrets.create(agent, 'SECRET_WORD', '0123456789012345WXYZ', { credentialType: 'password' });
    const previews = (await owner.secrets.list(agent)).items.map(({ name, values }) => [
      name,
      values[0]?.preview,
    ]);
    expect(Object.fromEntries(previews)).toEqual({ LONG: '****WXYZ', SHORT: '****', SECRET_WORD: '****' });
  });

  it('R-021 a secret that becomes a password loses its tail', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'KEY', '0123456789012345WXYZ');
    await owner.secrets.update(agent, 'KEY', { credentialType: 'password' });
    expect((await owner.secrets.get(agent, 'KEY')).values[0]?.preview).toBe('****');
  });

  it('R-022 a plain secret has no preview', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'REGION', 'a-plain-value-of-many-characters', { kind: 'plain' });
    expect((await owner.secrets.get(agent, 'REGION')).values[0]?.preview).toBeNull();
  });
});

describe('change of kind (R-023)', () => {
  it('R-023 a plain secret becomes sealed with all its versions', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'KEY', 'plain-value-one', { kind: 'plain' });
    await owner.secrets.set(agent, 'KEY', 'plain-value-two');
    await owner.secrets.update(agent, 'KEY', { kind: 'sealed' });
    const record = await owner.secrets.get(agent, 'KEY');
    expect(record).toMatchObject({ kind: 'sealed' });
    expect(JSON.stringify(record)).not.toContain('plain-value-two');
    const { items } = await owner.secrets.versions(agent, 'KEY');
    expect(items.map(({ version, kind }) => [version, kind])).toEqual([
      [2, 'sealed'],
      [1, 'sealed'],
    ]);
    await owner.secrets.rollback(agent, 'KEY', { version: 1 });
    expect(await owner.deliver(agent)).toEqual({ KEY: 'plain-value-one' });
  });

  it('R-023 a sealed secret becomes plain only with a new value for each environment that has one', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'KEY', { '*': longValue, staging: 'value-for-staging' });
    const half = owner.secrets.update(agent, 'KEY', { kind: 'plain', value: 'open' });
    expect(await refusalOf(half)).toMatchObject({
      code: 'kind_change_needs_value',
      errors: [{ environment: 'staging' }],
    });
    await owner.secrets.update(agent, 'KEY', { kind: 'plain', values: { '*': 'open', staging: 'open too' } });
    const versions = (await owner.secrets.versions(agent, 'KEY')).items;
    const kinds = versions.map(({ environment, version, kind }) => [environment, version, kind]);
    expect(kinds).toEqual(
      expect.arrayContaining([
        ['*', 1, 'sealed'],
        ['*', 2, 'plain'],
        ['staging', 1, 'sealed'],
        ['staging', 2, 'plain'],
      ]),
    );
    const text = JSON.stringify([await owner.secrets.get(agent, 'KEY'), versions]);
    expect(text).not.toContain(longValue);
  });

  it('R-023 a sealed version cannot come back as the text of a plain secret without its value', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'KEY', longValue);
    await owner.secrets.update(agent, 'KEY', { kind: 'plain', value: 'open' });
    const back = refusalOf(owner.secrets.rollback(agent, 'KEY', { version: 1 }));
    expect(await back).toMatchObject({ code: 'kind_change_needs_value' });
    expect(JSON.stringify(await owner.secrets.get(agent, 'KEY'))).not.toContain(longValue);
  });

  it('R-023 R-256 both changes of kind are audited', async () => {
    const agent = await newAgent();
    const { id } = await owner.secrets.create(agent, 'KEY', 'plain', { kind: 'plain' });
    await owner.secrets.update({ id }, { kind: 'sealed' });
    await owner.secrets.update({ id }, { kind: 'plain', value: 'plain again' });
    const { items } = await owner.audit.list({ secret: id, action: 'secret.kind_change', order: 'oldest' });
    expect(items.map(({ details }) => [details['from'], details['to']])).toEqual([
      ['plain', 'sealed'],
      ['sealed', 'plain'],
    ]);
  });
});

describe('values', () => {
  it('R-024 the process gets the value under exposure env, a placeholder under exposure broker', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'DIRECT', longValue);
    await owner.secrets.create(agent, 'BROKERED', 'sk_live_the-real-thing-behind', {
      exposure: 'broker',
      allowedHosts: ['api.stripe.com'],
    });
    const delivered = await owner.deliver(agent);
    expect(delivered['DIRECT']).toBe(longValue);
    expect(delivered['BROKERED']).toMatch(/^sk_live_COFFER/);
    expect(JSON.stringify(delivered)).not.toContain('the-real-thing');
  });

  it('R-024 a plain secret cannot be brokered', async () => {
    const agent = await newAgent();
    const made = owner.secrets.create(agent, 'KEY', 'open', { kind: 'plain', exposure: 'broker' });
    expect(await refusalOf(made)).toMatchObject({ code: 'request_invalid' });
  });

  it('R-025 an empty value is refused on create, set and update', async () => {
    const agent = await newAgent();
    const code = 'value_empty';
    expect(await refusalOf(owner.secrets.create(agent, 'NEW', ''))).toMatchObject({ code });
    await owner.secrets.create(agent, 'KEY', longValue);
    expect(await refusalOf(owner.secrets.set(agent, 'KEY', ''))).toMatchObject({ code });
    expect(await refusalOf(owner.secrets.set(agent, 'KEY', { staging: '' }))).toMatchObject({ code });
    expect(await refusalOf(owner.secrets.update(agent, 'KEY', { value: '' }))).toMatchObject({ code });
    expect(await owner.deliver(agent)).toEqual({ KEY: longValue });
  });

  it('R-026 values are kept byte for byte', async () => {
    const agent = await newAgent();
    const values = {
      SPACES: '  around  and  between  ',
      QUOTES: `"double" 'single' \`back\``,
      SIGNS: 'a=b:c/d@e#f$g\\h\\\\i${HOME}%20',
      LINES: 'one\ntwo\r\nthree\n\n',
      UNICODE: 'žluťoučký 日本語 🔑 e\u0301',
      CONTROL: 'tab\tbell\u0007escape\u001b[31m',
    };
    for (const [name, value] of Object.entries(values)) await owner.secrets.set(agent, name, value);
    expect(await owner.deliver(agent)).toEqual(values);
  });

  it('R-026 R-253 a body that is not UTF-8 is refused, not stored as another value', async () => {
    const agent = await newAgent();
    const body = Buffer.concat([Buffer.from('{"value":"abc'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
    const answer = await fetch(`${server.url}/v1/agents/${agent}/secrets/KEY`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${owner.token}`, 'content-type': 'application/json' },
      body,
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'request_invalid', detail: 'The body is not UTF-8.' });
    expect((await owner.secrets.list(agent)).items).toEqual([]);
  });

  it('R-026 a value is at most 32 KiB, counted in UTF-8', async () => {
    const agent = await newAgent();
    const full = '€'.repeat(32 * 1024 - 3).slice(0, Math.floor((32 * 1024) / 3));
    await owner.secrets.create(vault, 'AS_LARGE_AS_CAN_BE', full);
    const over = owner.secrets.create(agent, 'KEY', 'x'.repeat(32 * 1024 + 1));
    expect(await refusalOf(over)).toMatchObject({ code: 'value_too_large' });
  });

  it('R-026 what no environment variable can carry is refused when it is written', async () => {
    const agent = await newAgent();
    const nul = refusalOf(owner.secrets.create(agent, 'KEY', 'before\0after'));
    expect(await nul).toMatchObject({ code: 'value_invalid' });
    const lone = await owner.ask('PUT', `/v1/agents/${agent}/secrets/KEY`, { body: '{"value":"\\ud800"}' });
    expect(lone).toMatchObject({ status: 422, code: 'value_invalid' });
  });
});
