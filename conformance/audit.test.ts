import { ask, callerOf, createTeam, refusalOf, startServer } from '@coffer/testkit';
import { afterAll, describe, expect, it } from 'vitest';

const server = await startServer();
const { owner, admin, holder, member, auditor, newAgent } = await createTeam(server);
afterAll(() => server.close());

const planted = 'planted-Qm3vT8xL2pW9';

describe('what is recorded', () => {
  it('R-256 each act on a secret writes an event with actor, time, secret, environment and outcome', async () => {
    const agent = await newAgent();
    const { id } = await holder.secrets.create(agent, 'KEY', planted);
    await holder.secrets.set(agent, 'KEY', `${planted}-2`);
    await holder.secrets.update({ id }, { description: 'For the trail', neverReveal: true });
    await holder.secrets.get({ id });
    await holder.secrets.rollback({ id }, { version: 1 });
    await holder.secrets.copy({ id }, { from: '*', to: 'staging' });
    await holder.secrets.removeValue({ id }, 'staging');
    await holder.secrets.destroyVersion({ id }, { environment: '*', version: 2 });
    await holder.secrets.delete({ id });
    await holder.secrets.restore({ id });
    await holder.secrets.update({ id }, { kind: 'plain', value: 'now-in-the-open' });
    await holder.secrets.delete({ id }, { purge: true });
    const { items } = await owner.audit.list({ secret: id, order: 'oldest', limit: 100 });
    expect(items.map(({ action }) => action)).toEqual([
      'secret.create',
      'secret.rotate',
      'secret.update',
      'secret.describe',
      'secret.rollback',
      'secret.copy',
      'secret.remove_value',
      'secret.destroy_version',
      'secret.delete',
      'secret.restore',
      'secret.kind_change',
      'secret.rotate',
      'secret.purge',
    ]);
    for (const event of items) {
      expect(event).toMatchObject({
        secretId: id,
        secret: 'KEY',
        agent,
        outcome: 'done',
        address: '127.0.0.1',
      });
      expect(event.actor).toMatchObject({ type: 'person', name: 'holder@example.com' });
      expect(Math.abs(Date.now() - Date.parse(event.at))).toBeLessThan(60_000);
      expect(event.requestId).toMatch(/^req_/);
    }
    expect(items[0]).toMatchObject({ environment: '*', version: 1 });
    expect(items[2]?.details).toMatchObject({ fields: ['description', 'neverReveal'] });
    expect(JSON.stringify(items)).not.toContain(planted);
  });

  it('R-256 an event names its project by slug, and by id once the project is gone', async () => {
    const { id } = await owner.projects.create({ slug: 'short-lived' });
    const projectOf = async () =>
      (await owner.audit.list({ action: 'project.create', limit: 1 })).items[0]?.project;
    expect(await projectOf()).toBe('short-lived');
    await owner.projects.delete('short-lived');
    expect(await projectOf()).toBe(id);
  });

  it('R-256 import, policy, role, key and agent changes are events too', async () => {
    const agent = await newAgent();
    await owner.secrets.import(agent, [{ name: 'IMPORTED', value: planted }]);
    const { id } = await owner.keys.create({ agent, rights: ['read'] });
    await owner.keys.revoke(id);
    await owner.agents.delete(agent);
    const actions = new Set((await owner.audit.list({ limit: 200 })).items.map(({ action }) => action));
    for (const action of [
      'secret.import',
      'key.create',
      'key.revoke',
      'agent.create',
      'agent.delete',
      'member.create',
    ])
      expect(actions).toContain(action);
  });

  it('R-257 one start is one event that names every secret with its version', async () => {
    const agent = await newAgent();
    const ids: string[] = [];
    for (const name of ['ALPHA', 'BRAVO', 'CHARLIE'])
      ids.push((await owner.secrets.create(agent, name, `${planted}-${name}`)).id);
    await owner.secrets.set(agent, 'BRAVO', 'a-second-value');
    const { workload } = await owner.start({ agent });
    const { items } = await owner.audit.list({ action: 'workload.start', agent });
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ workloadId: workload.id, environment: 'development', outcome: 'done' });
    expect(items[0]?.secrets.map(({ name, secretId, version }) => [name, secretId, version])).toEqual([
      ['ALPHA', ids[0], 1],
      ['BRAVO', ids[1], 2],
      ['CHARLIE', ids[2], 1],
    ]);
    for (const secret of ids) {
      const found = (await owner.audit.list({ secret, action: 'workload.start' })).items;
      expect(found.map(({ workloadId }) => workloadId)).toEqual([workload.id]);
    }
  });

  it('R-257 many starts at the same time are as many events', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'KEY', planted);
    const starts = await Promise.all(Array.from({ length: 50 }, () => owner.start({ agent })));
    const { items } = await owner.audit.list({ action: 'workload.start', agent, limit: 100 });
    expect(new Set(items.map(({ workloadId }) => workloadId))).toEqual(
      new Set(starts.map(({ workload }) => workload.id)),
    );
  });

  it('R-258 refused and failed attempts are recorded like successful ones', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'KEY', planted, { environment: 'production' });
    await refusalOf(member.secrets.set(agent, 'KEY', 'a-try'));
    await refusalOf(member.secrets.get(agent, 'KEY'));
    await refusalOf(member.start({ agent }));
    await refusalOf(owner.start({ agent }));
    await refusalOf(owner.secrets.get(agent, 'ABSENT'));
    const { items } = await owner.audit.list({ agent, order: 'oldest' });
    const told = items
      .filter(({ outcome }) => outcome !== 'done')
      .map(({ action, outcome, code, actor }) => [action, outcome, code, actor.name]);
    expect(told).toEqual([
      ['secret.set', 'refused', 'forbidden', 'member@example.com'],
      ['secret.describe', 'refused', 'forbidden', 'member@example.com'],
      ['workload.start', 'refused', 'run_forbidden', 'member@example.com'],
      ['workload.start', 'failed', 'env_unresolved', 'owner@coffer.local'],
      ['secret.describe', 'failed', 'secret_not_found', 'owner@coffer.local'],
    ]);
  });

  it('R-258 R-267 a start that could not be resolved names in the trail what was missing, where it can be a name', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'KEY', planted, { environment: 'production' });
    await refusalOf(owner.start({ agent }));
    await refusalOf(owner.start({ agent, only: ['ABSENT', 'no name: a pasted value'] }));
    const { items } = await owner.audit.list({ agent, action: 'workload.start', order: 'oldest' });
    expect(items.map(({ code, details }) => [code, details])).toEqual([
      ['env_unresolved', { missing: ['KEY'] }],
      ['env_unresolved', { missing: ['ABSENT'] }],
    ]);
  });

  it('R-258 a refused list of an agent’s secrets is recorded', async () => {
    const agent = await newAgent();
    await refusalOf(member.secrets.list(agent));
    const { items } = await owner.audit.list({ agent, outcome: 'refused' });
    expect(items.map(({ action, code }) => [action, code])).toEqual([['agent_secret.read', 'forbidden']]);
  });
});

describe('who reads it, and how', () => {
  it('R-259 owners, admins and auditors read the trail, members do not, and nobody changes it', async () => {
    for (const caller of [owner, admin, auditor]) await caller.audit.list();
    for (const caller of [holder, member])
      expect(await refusalOf(caller.audit.list())).toMatchObject({ code: 'forbidden' });
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const answer = await owner.ask(method, '/v1/audit', { body: {} });
      expect(answer).toMatchObject({ status: 405, code: 'method_not_allowed' });
    }
  });

  it('R-259 filters by secret, actor, agent, environment, action and time', async () => {
    const agent = await newAgent();
    const before = new Date().toISOString();
    const { id } = await holder.secrets.create(agent, 'FILTERED', planted, { environment: 'staging' });
    await owner.secrets.set(agent, 'FILTERED', 'next-value', { environment: 'production' });
    const found = async (query: Parameters<typeof owner.audit.list>[0]) =>
      (await owner.audit.list({ agent, ...query })).items.map(({ action }) => action);
    expect(await found({ secret: id })).toEqual(['secret.rotate', 'secret.create']);
    expect(await found({ secret: 'FILTERED', order: 'oldest' })).toEqual(['secret.create', 'secret.rotate']);
    expect(await found({ actor: 'holder@example.com' })).toEqual(['secret.create']);
    expect(await found({ environment: 'production' })).toEqual(['secret.rotate']);
    expect(await found({ action: 'secret.create' })).toEqual(['secret.create']);
    expect(await found({ since: before })).toHaveLength(2);
    expect(await found({ until: before })).toEqual(['agent.create']);
    const absent = owner.audit.list({ agent: 'no-such-agent' });
    expect(await refusalOf(absent)).toMatchObject({ code: 'agent_not_found' });
  });

  it('R-259 pages walk the whole trail once, in both orders', async () => {
    const all = (await owner.audit.list({ limit: 1000 })).items.map(({ sequence }) => sequence);
    for (const order of ['newest', 'oldest'] as const) {
      const walked: number[] = [];
      for await (const { sequence } of owner.audit.listAll({ limit: 7, order })) walked.push(sequence);
      expect(walked).toEqual(order === 'newest' ? all : [...all].reverse());
    }
  });

  it('R-307 verification passes over everything that was done, and is itself recorded', async () => {
    const verified = await auditor.audit.verify();
    expect(verified).toMatchObject({ ok: true, code: null, firstBroken: null });
    const [event] = (await owner.audit.list({ action: 'audit.verify' })).items;
    expect(event?.actor.name).toBe('auditor@example.com');
    expect(verified.events).toBe((event?.sequence ?? 0) - 1);
  });

  it('R-307 each organization has its chain: one does not see the other’s events', async () => {
    const { items } = await owner.audit.list({ limit: 1000, order: 'oldest' });
    expect(items[0]).toMatchObject({ sequence: 1, action: 'organization.create' });
    expect(items.map(({ sequence }) => sequence)).toEqual(items.map((_, at) => at + 1));
  });

  it('R-258 sign-ins are recorded', async () => {
    await server.loginAs('auditor@example.com');
    const [event] = (await owner.audit.list({ action: 'session.create' })).items;
    expect(event).toMatchObject({ outcome: 'done', actor: { name: 'auditor@example.com' } });
    const stranger = callerOf(server.url, 'not-a-token');
    expect(await refusalOf(stranger.whoami())).toMatchObject({ code: 'not_authenticated' });
    expect((await ask(`${server.url}/healthz`, { method: 'GET' })).status).toBe(200);
  });
});
