import { ask, callerOf, createTeam, refusalOf, startServer } from '@coffer/testkit';
import { afterAll, describe, expect, it } from 'vitest';

const server = await startServer();
const { owner, admin, holder, member, auditor, newAgent } = await createTeam(server);
afterAll(() => server.close());

const vault = { organization: true } as const;
const forbidden = { code: 'forbidden', statusCode: 403 };
const value = 'a-value-of-some-length';

let people = 0;
const join = async (role: 'owner' | 'admin' | 'member' | 'auditor') => {
  people += 1;
  const email = `person-${people}@example.com`;
  const { id } = await owner.members.create({ email, role });
  return { id, email, ...callerOf(server.url, await server.loginAs(email)) };
};

describe('roles', () => {
  it('R-062 an agent has one owner, and these rights move with it', async () => {
    const agent = await newAgent();
    await holder.secrets.create(agent, 'KEY', value);
    expect(await refusalOf(member.secrets.list(agent))).toMatchObject(forbidden);
    await admin.agents.update(agent, { owner: 'member@example.com' });
    expect(await refusalOf(holder.secrets.list(agent))).toMatchObject(forbidden);
    expect((await member.secrets.list(agent)).items).toHaveLength(1);
  });

  it('R-062 an admin does not rise above owners, and the last owner stays', async () => {
    const other = await join('owner');
    expect(await refusalOf(admin.members.create({ email: 'x@example.com', role: 'owner' }))).toMatchObject(
      forbidden,
    );
    expect(await refusalOf(admin.members.update(other.id, { role: 'member' }))).toMatchObject(forbidden);
    expect(await refusalOf(admin.members.delete(other.id))).toMatchObject(forbidden);
    await owner.members.delete(other.id);
    const last = owner.members.update('owner@coffer.local', { role: 'admin' });
    expect(await refusalOf(last)).toMatchObject({ code: 'member_in_use' });
  });

  it('R-062 who owns an agent is not made an auditor before it has another owner', async () => {
    const { id, email } = await join('member');
    const slug = await newAgent({ owner: email });
    for (const refusal of [owner.members.update(id, { role: 'auditor' }), owner.members.delete(id)]) {
      const refused = await refusalOf(refusal);
      expect(refused).toMatchObject({ code: 'member_in_use' });
      expect(refused.message).toContain(slug);
    }
    expect(await owner.members.update(id, { role: 'admin' })).toMatchObject({ role: 'admin' });
    await owner.agents.update(slug, { owner: 'holder@example.com' });
    expect(await owner.members.update(id, { role: 'auditor' })).toMatchObject({ role: 'auditor' });
  });

  it('R-062 an auditor cannot own an agent', async () => {
    const made = owner.agents.create({ slug: 'audited', owner: 'auditor@example.com' });
    expect(await refusalOf(made)).toMatchObject({ code: 'request_invalid' });
  });

  it('R-063 an agent’s secrets are for its owner, admins and owners, each for everything', async () => {
    for (const caller of [owner, admin, holder]) {
      const agent = await newAgent();
      await caller.secrets.create(agent, 'KEY', value);
      await caller.secrets.set(agent, 'KEY', 'another-value');
      expect((await caller.secrets.list(agent)).items).toHaveLength(1);
      await caller.secrets.update(agent, 'KEY', { description: 'For tests' });
      await caller.secrets.delete(agent, 'KEY');
      await caller.secrets.restore(agent, 'KEY');
    }
  });

  it('R-064 anyone else gets the same 403 whether the secret exists or not', async () => {
    const agent = await newAgent();
    const { id } = await owner.secrets.create(agent, 'THERE', value);
    for (const caller of [member, auditor]) {
      const there = await refusalOf(caller.secrets.get(agent, 'THERE'));
      const absent = await refusalOf(caller.secrets.get(agent, 'ABSENT'));
      expect(there).toMatchObject(forbidden);
      expect([absent.code, absent.hint, absent.errors]).toEqual([there.code, there.hint, there.errors]);
      expect(absent.message).toBe(there.message);
      for (const asked of [
        () => caller.secrets.list(agent),
        () => caller.secrets.get({ id }),
        () => caller.secrets.set(agent, 'THERE', value),
        () => caller.secrets.delete({ id }),
        () => caller.secrets.restore(agent, 'THERE'),
        () => caller.secrets.versions(agent, 'THERE'),
        () => caller.agents.received(agent),
      ])
        expect(await refusalOf(asked())).toMatchObject(forbidden);
    }
  });

  it('R-065 lists of workloads leave out those of agents the caller may not see', async () => {
    const [own, others] = [await newAgent(), await newAgent({ owner: 'member@example.com' })];
    await owner.start({ agent: own });
    await owner.start({ agent: others });
    const seen = (await holder.workloads.list()).items.map(({ agent }) => agent);
    expect(seen).toContain(own);
    expect(seen).not.toContain(others);
  });

  it('R-066 members read the metadata of the vault and change nothing', async () => {
    const { id } = await admin.secrets.create(vault, 'SHARED', 'a-shared-value-of-20-chars', {
      description: 'Shared',
    });
    const record = await member.secrets.get({ id });
    expect(record).toMatchObject({
      description: 'Shared',
      values: [{ preview: '****hars', storage: 'local' }],
    });
    expect(await refusalOf(member.secrets.set(vault, 'SHARED', value))).toMatchObject(forbidden);
    expect(await refusalOf(member.secrets.create(vault, 'MINE', value))).toMatchObject(forbidden);
    expect(await refusalOf(member.secrets.delete({ id }))).toMatchObject(forbidden);
  });

  it('R-067 under owner_only admins no longer write the vault', async () => {
    await owner.policy.set('organization_writes', 'owner_only');
    expect(await refusalOf(admin.secrets.create(vault, 'BY_ADMIN', value))).toMatchObject(forbidden);
    await owner.secrets.create(vault, 'BY_OWNER', value);
    await owner.policy.set('organization_writes', 'owner_or_admin');
    await admin.secrets.create(vault, 'BY_ADMIN', value);
  });

  it('R-068 under all_members every member edits the vault, an auditor still nothing', async () => {
    await owner.policy.set('organization_access', 'all_members');
    await member.secrets.create(vault, 'BY_MEMBER', value);
    await member.secrets.delete(vault, 'BY_MEMBER');
    expect(await refusalOf(auditor.secrets.create(vault, 'BY_AUDITOR', value))).toMatchObject(forbidden);
    await owner.policy.set('organization_access', 'member_reads_metadata');
  });

  it('R-069 project scope follows the preset, and admins narrow it to named members', async () => {
    await owner.projects.create({ slug: 'narrow' });
    const project = { project: 'narrow' };
    expect(await refusalOf(member.secrets.create(project, 'KEY', value))).toMatchObject(forbidden);
    await admin.projects.update('narrow', { managers: ['member@example.com'] });
    await member.secrets.create(project, 'KEY', value);
    expect(await refusalOf(holder.secrets.set(project, 'KEY', value))).toMatchObject(forbidden);
    await admin.secrets.set(project, 'KEY', 'written-by-an-admin');
    await owner.projects.update('narrow', { managers: null });
    expect(await refusalOf(member.secrets.set(project, 'KEY', value))).toMatchObject(forbidden);
  });

  it('R-070 who may view and edit still gets no value of a sealed secret', async () => {
    const agent = await newAgent();
    const { id } = await holder.secrets.create(agent, 'KEY', value);
    const answers = [
      await holder.secrets.get({ id }),
      await holder.secrets.list(agent),
      await holder.secrets.versions({ id }),
      await holder.secrets.update({ id }, { description: 'Read and edited' }),
      await holder.agents.received(agent),
    ];
    expect(JSON.stringify(answers)).not.toContain(value);
  });

  it('R-072 a workload’s token opens its own link and nothing else', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'KEY', value);
    const { text } = await owner.ask('POST', '/v1/workloads', {
      body: { target: { type: 'agent', id: agent } },
    });
    const started = JSON.parse(text) as { token: string; workload: { id: string } };
    const runner = callerOf(server.url, started.token);
    for (const asked of [
      () => runner.secrets.list(agent),
      () => runner.start({ agent }),
      () => runner.whoami(),
    ])
      expect(await refusalOf(asked())).toMatchObject(forbidden);
    const beat = await runner.ask('POST', `/v1/workloads/${started.workload.id}/heartbeat`);
    expect(beat.status).toBe(200);
    expect(beat.text).not.toContain(value);
  });

  it('R-073 an auditor reads organization and project metadata and the trail, and changes nothing', async () => {
    for (const asked of [
      () => auditor.secrets.list(vault),
      () => auditor.secrets.list({ project: 'default' }),
      () => auditor.agents.list(),
      () => auditor.members.list(),
      () => auditor.policy.get(),
      () => auditor.audit.list(),
      () => auditor.audit.verify(),
    ])
      await asked();
    const agent = await newAgent();
    expect(await refusalOf(auditor.secrets.list(agent))).toMatchObject(forbidden);
    expect(await refusalOf(auditor.keys.create({ agent, rights: ['read'] }))).toMatchObject(forbidden);
    expect(await refusalOf(auditor.start({ agent }))).toMatchObject({ code: 'run_forbidden' });
  });

  it('R-074 R-267 a value that a switch does not take is refused with what it takes', async () => {
    const hints = {
      preview: ['full', 'last4, none'],
      keep_versions: [0, 'a whole number from 1 to 10000'],
      offline_start: ['on', 'off, a whole number from 1 to 720'],
      reveal: ['owner_or_admin', 'reveal takes: never.'],
      people_may_run: [{ development: ['nobody'] }, 'owner, admin, member'],
      default_environment: [7, 'the slug of an environment'],
    } as const;
    for (const [name, [value, words]] of Object.entries(hints)) {
      const refused = await refusalOf(owner.policy.set(name, value));
      expect(refused).toMatchObject({ code: 'policy_unavailable' });
      expect(refused.hint).toContain(words);
    }
  });

  it('R-074 an auditor cannot be let start agents: that is refused, not ignored', async () => {
    const before = await owner.policy.get();
    const refused = await refusalOf(
      owner.policy.set('people_may_run', { development: ['owner', 'auditor'] }),
    );
    expect(refused).toMatchObject({ code: 'policy_unavailable' });
    expect(refused.message).toContain('auditor');
    expect(await owner.policy.get()).toEqual(before);
  });

  it('R-074 only owners and admins change roles and policy, and each change is audited', async () => {
    const person = await join('member');
    expect(await refusalOf(holder.members.update(person.id, { role: 'admin' }))).toMatchObject(forbidden);
    expect(await refusalOf(holder.policy.set('delete', 'confirm'))).toMatchObject(forbidden);
    await admin.members.update(person.id, { role: 'auditor' });
    await admin.policy.set('name_style', 'upper_snake');
    await admin.policy.set('name_style', 'any');
    const changed = (await owner.audit.list({ action: 'member.update', limit: 1 })).items[0];
    expect(changed?.details).toMatchObject({ member: person.id, from: 'member', to: 'auditor' });
    const set = (await owner.audit.list({ action: 'policy.set', limit: 1 })).items[0];
    expect(set?.details).toMatchObject({ switch: 'name_style', from: 'upper_snake', to: 'any' });
  });

  it('R-075 a lost role or membership takes effect with the next request, sessions and keys included', async () => {
    const person = await join('admin');
    const agent = await newAgent();
    const { key } = await person.keys.create({ agent, rights: ['write'] });
    const machine = callerOf(server.url, key);
    await machine.secrets.set(agent, 'KEY', value);
    await owner.members.update(person.id, { role: 'member' });
    expect(await refusalOf(person.secrets.list(agent))).toMatchObject(forbidden);
    expect(await refusalOf(machine.secrets.set(agent, 'KEY', value))).toMatchObject(forbidden);
    await owner.members.delete(person.id);
    const gone = { code: 'not_authenticated', statusCode: 401 };
    expect(await refusalOf(person.whoami())).toMatchObject(gone);
    expect(await refusalOf(machine.secrets.set(agent, 'KEY', value))).toMatchObject(gone);
  });

  it('R-075 a session ends with its logout', async () => {
    const person = await join('member');
    await person.logout();
    expect(await refusalOf(person.whoami())).toMatchObject({ code: 'not_authenticated' });
  });
});

describe('API keys (R-076)', () => {
  const keyed = async (fields: Parameters<typeof owner.keys.create>[0]) =>
    callerOf(server.url, (await owner.keys.create(fields)).key);

  it('R-076 R-255 a key does what its rights say, for its agent alone', async () => {
    const [agent, other] = [await newAgent(), await newAgent()];
    const writer = await keyed({ agent, rights: ['write', 'deploy'] });
    await writer.secrets.set(agent, 'KEY', value);
    expect(await refusalOf(writer.secrets.get(agent, 'KEY'))).toMatchObject(forbidden);
    expect(await refusalOf(writer.secrets.list(agent))).toMatchObject(forbidden);
    expect(await refusalOf(writer.secrets.set(other, 'KEY', value))).toMatchObject(forbidden);
    expect(await refusalOf(writer.start({ agent }))).toMatchObject({ code: 'run_forbidden' });
  });

  it('R-076 a key of some environments writes and deletes neither * nor another environment', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'KEY', { '*': value, staging: value, production: value });
    const key = await keyed({ agent, rights: ['read', 'write'], environments: ['staging'] });
    await key.secrets.set(agent, 'KEY', 'staging-value', { environment: 'staging' });
    for (const asked of [
      () => key.secrets.set(agent, 'KEY', value),
      () => key.secrets.set(agent, 'KEY', value, { environment: 'production' }),
      () => key.secrets.set(agent, 'KEY', { staging: value, '*': value }),
      () => key.secrets.removeValue(agent, 'KEY', '*'),
      () => key.secrets.removeValue(agent, 'KEY', 'production'),
      () => key.secrets.copy(agent, 'KEY', { from: 'production', to: 'staging' }),
      () => key.secrets.rollback(agent, 'KEY', { version: 1 }),
      () => key.secrets.delete(agent, 'KEY'),
      () => key.secrets.import(agent, [{ name: 'KEY', value }], { onConflict: 'overwrite' }),
      () => key.secrets.update(agent, 'KEY', { kind: 'plain', values: { staging: value } }),
    ])
      expect(await refusalOf(asked())).toMatchObject(forbidden);
    expect(await owner.secrets.get(agent, 'KEY')).toMatchObject({
      values: [{ environment: '*', version: 1 }, { version: 2 }, { environment: 'production', version: 1 }],
    });
  });

  it('R-076 an environment’s id in a write names the same environment to the key’s limits', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'KEY', { staging: value, production: value });
    const production = (await owner.environments.list()).items.find(({ slug }) => slug === 'production');
    const key = await keyed({ agent, rights: ['write'], environments: ['staging'] });
    const removed = key.secrets.removeValue(agent, 'KEY', production?.id ?? '');
    expect(await refusalOf(removed)).toMatchObject(forbidden);
  });

  it('R-076 a key of some environments restarts only workloads of these', async () => {
    const agent = await newAgent();
    await owner.policy.set('people_may_run', { development: ['owner', 'admin'], staging: ['owner'] });
    const [here, there] = [
      await owner.start({ agent }),
      await owner.start({ agent, environment: 'staging' }),
    ];
    const key = await keyed({ agent, rights: ['deploy'], environments: ['staging'] });
    expect(await key.agents.restart(agent)).toEqual({ stopping: [], restarted: [there.workload.id] });
    expect(await owner.workloads.get(here.workload.id)).toMatchObject({ state: 'starting' });
    expect(await refusalOf(key.workloads.stop(here.workload.id))).toMatchObject(forbidden);
  });

  it('R-076 making a key with run is a right of its own and names agent and environments', async () => {
    const agent = await newAgent();
    const environments = ['development'];
    expect(await refusalOf(owner.keys.create({ agent, rights: ['run'] }))).toMatchObject({
      code: 'request_invalid',
    });
    await holder.keys.create({ agent, rights: ['run'], environments });
    const beyond = holder.keys.create({ agent, rights: ['run'], environments: ['production'] });
    expect(await refusalOf(beyond)).toMatchObject(forbidden);
    const foreign = member.keys.create({ agent, rights: ['run'], environments });
    expect(await refusalOf(foreign)).toMatchObject(forbidden);
  });

  it('R-076 R-112 a key’s run holds in its environments, whatever policy says of people', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'KEY', value);
    const runner = await keyed({ agent, rights: ['run'], environments: ['production'] });
    expect(await runner.deliver(agent, 'production')).toEqual({ KEY: value });
    expect(await refusalOf(runner.start({ agent, environment: 'development' }))).toMatchObject({
      code: 'run_forbidden',
    });
  });

  it('R-076 only owners and admins make admin keys, and one does not include run', async () => {
    expect(await refusalOf(holder.keys.create({ rights: ['admin'] }))).toMatchObject(forbidden);
    const agent = await newAgent();
    const machine = await keyed({ rights: ['admin'] });
    await machine.projects.create({ slug: 'by-machine' });
    expect(await refusalOf(machine.start({ agent }))).toMatchObject({ code: 'run_forbidden' });
  });

  it('R-076 a key is listed with its last use, shown once, and revoked at once', async () => {
    const agent = await newAgent();
    const made = await owner.keys.create({ agent, rights: ['read'], name: 'pipeline' });
    expect(Date.parse(made.expiresAt) - Date.parse(made.createdAt)).toBe(90 * 24 * 60 * 60 * 1000);
    const machine = callerOf(server.url, made.key);
    await machine.secrets.list(agent);
    const listed = (await owner.keys.list()).items;
    expect(JSON.stringify(listed)).not.toContain(made.key);
    await owner.keys.revoke(made.id);
    expect(await refusalOf(machine.secrets.list(agent))).toMatchObject({ code: 'not_authenticated' });
    await server.server.house.authenticator.saveUses();
    const after = (await owner.keys.list()).items.find(({ id }) => id === made.id);
    expect(after?.lastUsedAt).not.toBeNull();
    expect(after?.revokedAt).not.toBeNull();
  });
});

describe('what is not a credential', () => {
  it('R-064 a malformed, unknown or absent token is not authenticated, and the attempt is recorded', async () => {
    const tokens = [
      undefined,
      '',
      'cfr_key_short',
      `${owner.token.slice(0, -1)}${owner.token.endsWith('x') ? 'y' : 'x'}`,
      'Basic abc',
      'x'.repeat(600),
    ];
    for (const token of tokens) {
      const answer = await ask(`${server.url}/v1/whoami`, { method: 'GET', token });
      expect(answer).toMatchObject({ status: 401, code: 'not_authenticated' });
      expect(answer.headers.get('www-authenticate')).toContain('Bearer');
    }
  });
});
