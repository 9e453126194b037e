import { processEnvironmentMaxBytes, reservedVariableNames } from '@coffer/contract';
import { callerOf, createTeam, refusalOf, startServer } from '@coffer/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const server = await startServer();
const { owner, admin, holder, member, newAgent } = await createTeam(server);
beforeAll(() => owner.policy.set('people_may_run', { development: ['owner', 'admin'], staging: ['owner'] }));
afterAll(() => server.close());

let projects = 0;
/** An agent in a project of its own, so that project secrets of other tests do not reach it. */
const apart = async (): Promise<{ agent: string; project: { project: string } }> => {
  projects += 1;
  const project = `project-${projects}`;
  await owner.projects.create({ slug: project });
  return { agent: await newAgent({ project }), project: { project } };
};

describe('what a start delivers', () => {
  it('R-092 R-093 agent and project secrets, each under exactly its own name', async () => {
    const { agent, project } = await apart();
    await owner.secrets.create(agent, 'STRIPE_API_KEY', 'sk_test_agent-value');
    await owner.secrets.create(project, 'DATABASE_URL', 'postgres://project-value');
    const { variables } = await owner.start({ agent });
    expect(variables.map(({ name, value, source }) => [name, value, source])).toEqual([
      ['DATABASE_URL', 'postgres://project-value', 'project'],
      ['STRIPE_API_KEY', 'sk_test_agent-value', 'agent'],
    ]);
  });

  it('R-095 nothing but the secret itself is needed for it to be delivered', async () => {
    const { agent } = await apart();
    expect(await owner.deliver(agent)).toEqual({});
    await owner.secrets.set(agent, 'UNDECLARED', 'delivered-all-the-same');
    expect(await owner.deliver(agent)).toEqual({ UNDECLARED: 'delivered-all-the-same' });
  });

  it('R-098 an agent’s secret wins over the project’s of the same name', async () => {
    const { agent, project } = await apart();
    await owner.secrets.create(project, 'KEY', 'of-the-project');
    expect(await owner.deliver(agent)).toEqual({ KEY: 'of-the-project' });
    await owner.secrets.create(agent, 'KEY', 'of-the-agent');
    expect(await owner.deliver(agent)).toEqual({ KEY: 'of-the-agent' });
    await owner.secrets.delete(agent, 'KEY');
    expect(await owner.deliver(agent)).toEqual({ KEY: 'of-the-project' });
  });

  it('R-098 a winner without a value fails the start and does not fall back', async () => {
    const { agent, project } = await apart();
    await owner.secrets.create(project, 'KEY', 'of-the-project');
    await owner.secrets.create(agent, 'KEY', 'of-the-agent', { environment: 'staging' });
    const refused = refusalOf(owner.start({ agent, environment: 'development' }));
    expect(await refused).toMatchObject({ code: 'env_unresolved', errors: [{ secret: 'KEY' }] });
  });

  it('R-102 R-103 R-157 the next start after a change has it, without any other step', async () => {
    const { agent } = await apart();
    for (const value of ['first-value', 'second-value', 'third-value']) {
      await owner.secrets.set(agent, 'KEY', value);
      const { variables } = await owner.start({ agent, invocation: true });
      expect(variables).toMatchObject([{ name: 'KEY', value }]);
    }
  });

  it('R-104 a running workload keeps what it was given and is marked stale by name', async () => {
    const { agent } = await apart();
    await owner.secrets.set(agent, 'ROTATED', 'first-value');
    await owner.secrets.set(agent, 'KEPT', 'kept-value');
    const { workload } = await owner.start({ agent });
    expect(await owner.workloads.get(workload.id)).toMatchObject({ stale: [] });
    const written = await owner.secrets.set(agent, 'ROTATED', 'second-value');
    expect(written.stale).toEqual([{ id: workload.id, agent, environment: 'development' }]);
    expect(await owner.workloads.get(workload.id)).toMatchObject({
      stale: ['ROTATED'],
      secrets: [{ name: 'KEPT' }, { name: 'ROTATED', version: 1 }],
    });
  });

  it('R-104 a value of another environment does not make a workload stale', async () => {
    const { agent } = await apart();
    await owner.secrets.create(agent, 'KEY', { '*': 'shared-value', development: 'development-value' });
    const { workload } = await owner.start({ agent });
    expect((await owner.secrets.set(agent, 'KEY', 'newer-shared-value')).stale).toEqual([]);
    expect((await owner.secrets.set(agent, 'KEY', 'value', { environment: 'production' })).stale).toEqual([]);
    expect(await owner.workloads.get(workload.id)).toMatchObject({ stale: [] });
  });

  it('R-104 a value of its own makes a workload that had the shared one stale', async () => {
    const { agent } = await apart();
    await owner.secrets.create(agent, 'KEY', 'shared-value');
    const { workload } = await owner.start({ agent });
    const written = await owner.secrets.set(agent, 'KEY', 'its-own', { environment: 'development' });
    expect(written.stale.map(({ id }) => id)).toEqual([workload.id]);
    expect(await owner.workloads.get(workload.id)).toMatchObject({ stale: ['KEY'] });
  });

  it('R-105 a workload is asked to stop, then stopped, and the next start has the newest values', async () => {
    const { agent } = await apart();
    await owner.secrets.set(agent, 'KEY', 'first-value');
    const { text } = await owner.ask('POST', '/v1/workloads', {
      body: { target: { type: 'agent', id: agent } },
    });
    const { workload, token } = JSON.parse(text) as { workload: { id: string }; token: string };
    const runner = callerOf(server.url, token);
    await owner.secrets.set(agent, 'KEY', 'second-value');
    expect(await owner.workloads.stop(workload.id)).toMatchObject({ state: 'stopping' });
    const beat = await runner.ask('POST', `/v1/workloads/${workload.id}/heartbeat`);
    expect(JSON.parse(beat.text)).toMatchObject({ stop: true, restart: false, stale: ['KEY'] });
    await runner.ask('POST', `/v1/workloads/${workload.id}/end`, { body: { exitStatus: 143 } });
    expect(await owner.workloads.get(workload.id)).toMatchObject({ state: 'stopped', exitStatus: 143 });
    expect(await owner.deliver(agent)).toEqual({ KEY: 'second-value' });
  });

  it('R-106 a restart stops every workload, and those that are not invocations are to start again', async () => {
    const { agent } = await apart();
    const running = await owner.start({ agent });
    const invocation = await owner.start({ agent, invocation: true });
    expect(await holder.agents.restart(agent)).toEqual({
      stopping: [invocation.workload.id],
      restarted: [running.workload.id],
    });
  });

  it('R-108 R-109 another agent’s secret is absent, and nothing says that it exists', async () => {
    const [first, second] = [await apart(), await apart()];
    await owner.secrets.create(first.agent, 'ONLY_FIRST', 'value-of-the-first');
    expect(await owner.deliver(second.agent)).toEqual({});
    const refused = await refusalOf(owner.start({ agent: second.agent, only: ['ONLY_FIRST'] }));
    const unknown = await refusalOf(owner.start({ agent: second.agent, only: ['NOWHERE'] }));
    expect(refused.message.replaceAll('ONLY_FIRST', '')).toBe(unknown.message.replaceAll('NOWHERE', ''));
    expect(refused.errors[0]?.detail.replace('ONLY_FIRST', 'NOWHERE')).toBe(unknown.errors[0]?.detail);
  });

  it('R-110 a start that cannot resolve names variable, secret, environment and reason of all', async () => {
    const { agent, project } = await apart();
    await owner.secrets.create(agent, 'ONE', 'value-of-one', { environment: 'production' });
    await owner.secrets.create(project, 'TWO', 'value-of-two', { environment: 'staging' });
    await owner.secrets.create(agent, 'FINE', 'value-of-fine');
    const refused = await refusalOf(owner.start({ agent }));
    expect(refused).toMatchObject({ code: 'env_unresolved', statusCode: 422 });
    expect(refused.errors).toMatchObject([
      { name: 'ONE', secret: 'ONE', environment: 'development', code: 'no_value_for_environment' },
      { name: 'TWO', secret: 'TWO', environment: 'development', code: 'no_value_for_environment' },
    ]);
    expect((await owner.workloads.list({ agent })).items).toEqual([]);
  });

  it('R-111 a workload records names, secret ids and versions, never values', async () => {
    const { agent } = await apart();
    const { id } = await owner.secrets.create(agent, 'KEY', 'a-value-to-look-for');
    const { workload } = await owner.start({ agent });
    const record = await owner.workloads.get(workload.id);
    expect(record.secrets).toEqual([
      { name: 'KEY', secretId: id, environment: '*', version: 1, source: 'agent' },
    ]);
    expect(JSON.stringify(record)).not.toContain('a-value-to-look-for');
  });

  it('R-112 people start where policy says: at first owners and admins, in development', async () => {
    const { agent } = await apart();
    await owner.start({ agent });
    await admin.start({ agent });
    const refused = { code: 'run_forbidden', statusCode: 403 };
    expect(await refusalOf(holder.start({ agent }))).toMatchObject(refused);
    expect(await refusalOf(admin.start({ agent, environment: 'staging' }))).toMatchObject(refused);
    expect(await refusalOf(owner.start({ agent, environment: 'production' }))).toMatchObject(refused);
    expect(await refusalOf(holder.workloads.preview({ agent }))).toMatchObject(refused);
  });

  it('R-112 a member whom policy lets start does so for own agents alone', async () => {
    const before = (await owner.policy.get()).people_may_run;
    await owner.policy.set('people_may_run', { ...before, development: ['owner', 'admin', 'member'] });
    const { agent } = await apart();
    await holder.start({ agent });
    const foreign = await newAgent({ owner: 'member@example.com' });
    expect(await refusalOf(holder.start({ agent: foreign }))).toMatchObject({ code: 'run_forbidden' });
    await owner.policy.set('people_may_run', before);
  });

  it('R-112 a start may be narrowed to some names', async () => {
    const { agent } = await apart();
    for (const name of ['ONE', 'TWO', 'THREE']) await owner.secrets.create(agent, name, `value-of-${name}`);
    const { variables } = await owner.start({ agent, only: ['ONE', 'THREE'] });
    expect(variables.map(({ name }) => name)).toEqual(['ONE', 'THREE']);
  });

  it('R-113 a brokered secret is a placeholder with the value’s known prefix, for everybody', async () => {
    const { agent } = await apart();
    const prefixes = { STRIPE: 'sk_live_', GITHUB: 'ghp_', ANTHROPIC: 'sk-ant-api03-', OTHER: '' };
    for (const [name, prefix] of Object.entries(prefixes))
      await owner.secrets.create(agent, name, `${prefix}the-real-value-of-it`, { exposure: 'broker' });
    const { key } = await owner.keys.create({ agent, rights: ['run'], environments: ['development'] });
    for (const caller of [owner, admin, callerOf(server.url, key)]) {
      const delivered = await caller.deliver(agent);
      for (const [name, prefix] of Object.entries(prefixes)) {
        expect(delivered[name]?.startsWith(`${prefix}COFFER`)).toBe(true);
        expect(delivered[name]).not.toContain('the-real-value');
      }
    }
  });

  it('R-113 every version of a brokered secret has a placeholder of its own', async () => {
    const { agent } = await apart();
    await owner.secrets.create(agent, 'KEY', 'sk_live_the-real-value', { exposure: 'broker' });
    const first = await owner.deliver(agent);
    await owner.secrets.set(agent, 'KEY', 'sk_live_the-next-value');
    expect((await owner.deliver(agent))['KEY']).not.toBe(first['KEY']);
  });

  it('R-113 a secret that becomes brokered is a placeholder from the next start on', async () => {
    const { agent } = await apart();
    await owner.secrets.create(agent, 'KEY', 'sk_live_the-real-value');
    await owner.secrets.update(agent, 'KEY', { exposure: 'broker', allowedHosts: ['api.stripe.com'] });
    expect((await owner.deliver(agent))['KEY']).toMatch(/^sk_live_COFFER/);
  });

  it('R-110 names and values of one process are at most 32 KiB', async () => {
    const { agent } = await apart();
    const most = processEnvironmentMaxBytes - 'LARGE'.length - 2;
    await owner.secrets.create(agent, 'LARGE', 'x'.repeat(most));
    await owner.start({ agent });
    await owner.secrets.create(agent, 'B', 'y');
    expect(await refusalOf(owner.start({ agent }))).toMatchObject({ code: 'env_too_large', statusCode: 422 });
  });

  it('R-262 everything an agent can receive, by source and kind, without a value', async () => {
    const { agent, project } = await apart();
    await owner.secrets.create(agent, 'OWN', 'own-value-of-many-characters', { description: 'Own' });
    await owner.secrets.create(project, 'COMMON', 'eu-west-1', { kind: 'plain' });
    await owner.secrets.create(project, 'ABSENT', 'only-in-production', { environment: 'production' });
    const { items } = await holder.agents.received(agent, { environment: 'staging' });
    expect(items).toMatchObject([
      { name: 'ABSENT', source: 'project', problem: { code: 'no_value_for_environment' } },
      { name: 'COMMON', source: 'project', type: 'variable', version: 1, problem: null },
      { name: 'OWN', source: 'agent', type: 'secret', preview: '****ters', description: 'Own' },
    ]);
  });

  it('R-321 a preview says what a start would deliver and what is missing, and starts nothing', async () => {
    const { agent } = await apart();
    await owner.secrets.create(agent, 'THERE', 'a-value-of-20-characters');
    await owner.secrets.create(agent, 'ABSENT', 'only-in-production', { environment: 'production' });
    const preview = await owner.workloads.preview({ agent, only: ['THERE', 'ABSENT', 'UNKNOWN'] });
    expect(preview.startable).toBe(false);
    const problems = preview.variables.map(({ name, problem }) => [name, problem?.code ?? null]);
    expect(Object.fromEntries(problems)).toEqual({
      THERE: null,
      ABSENT: 'no_value_for_environment',
      UNKNOWN: 'secret_not_found',
    });
    expect(preview.variables.every(({ preview: tail }) => tail === null)).toBe(true);
    expect((await owner.workloads.list({ agent })).items).toEqual([]);
  });

  it('R-321 a preview says that a start would fail as a whole, with the reason of the start', async () => {
    const { agent } = await apart();
    await owner.secrets.create(agent, 'LARGE', 'x'.repeat(processEnvironmentMaxBytes - 'LARGE'.length - 2));
    await owner.secrets.create(agent, 'B', 'y');
    const refused = await refusalOf(owner.start({ agent }));
    expect(await owner.workloads.preview({ agent })).toMatchObject({
      startable: false,
      problem: { code: 'env_too_large', detail: refused.message },
    });
    expect(await owner.workloads.preview({ agent, only: ['B'] })).toMatchObject({
      startable: true,
      problem: null,
    });
  });
});

describe('what delivery could give away', () => {
  it('R-303 names that make a loader, shell or interpreter run code are refused', async () => {
    const { agent, project } = await apart();
    const { names, prefixes, prefixesInAnyCase } = reservedVariableNames;
    const prefixed = [...prefixes, ...prefixesInAnyCase].map((prefix) => `${prefix}X`);
    for (const name of [...names, ...prefixed, 'npm_config_node_options']) {
      for (const place of [agent, project]) {
        const refused = await refusalOf(owner.secrets.set(place, name, 'some-value'));
        expect(refused).toMatchObject({ code: 'name_reserved' });
      }
    }
  });

  it('R-303 an import refuses them too, each in its own line', async () => {
    const { agent } = await apart();
    const report = await owner.secrets.import(agent, [
      { name: 'LD_PRELOAD', value: '/tmp/evil.so' },
      { name: 'FINE', value: 'a-fine-value' },
    ]);
    expect(report.results).toMatchObject([
      { name: 'LD_PRELOAD', outcome: 'failed', code: 'name_reserved' },
      { name: 'FINE', outcome: 'imported_secret' },
    ]);
  });

  it('R-304 broker becomes env, and a host is added, only with the value in the same request', async () => {
    const { agent } = await apart();
    const fields = { exposure: 'broker' as const, allowedHosts: ['api.stripe.com'] };
    await owner.secrets.create(agent, 'KEY', 'sk_live_the-real-value', fields);
    const code = 'value_invalid';
    expect(await refusalOf(owner.secrets.update(agent, 'KEY', { exposure: 'env' }))).toMatchObject({ code });
    const host = ['api.stripe.com', 'evil.example.com'];
    expect(await refusalOf(owner.secrets.update(agent, 'KEY', { allowedHosts: host }))).toMatchObject({
      code,
    });
    await owner.secrets.update(agent, 'KEY', { allowedHosts: [] });
    await owner.secrets.update(agent, 'KEY', { exposure: 'env', value: 'sk_live_given-again' });
    expect(await owner.deliver(agent)).toEqual({ KEY: 'sk_live_given-again' });
  });

  it('R-304 no rollback brings a brokered value out under the wider exposure', async () => {
    const { agent } = await apart();
    await owner.secrets.create(agent, 'KEY', 'sk_live_the-real-value', { exposure: 'broker' });
    await owner.secrets.update(agent, 'KEY', { exposure: 'env', value: 'a-dummy-value' });
    const back = owner.secrets.rollback(agent, 'KEY', { version: 1 });
    expect(await refusalOf(back)).toMatchObject({ code: 'version_not_found' });
    expect(await owner.deliver(agent)).toEqual({ KEY: 'a-dummy-value' });
  });

  it('R-310 an unmasked start follows policy unmasked_runs and is listed as detached', async () => {
    const { agent } = await apart();
    const { workload } = await owner.start({ agent, output: 'unmasked' });
    expect(await owner.workloads.get(workload.id)).toMatchObject({ state: 'detached', output: 'unmasked' });
    const staging = owner.start({ agent, environment: 'staging', output: 'unmasked' });
    expect(await refusalOf(staging)).toMatchObject({ code: 'run_forbidden' });
    await owner.policy.set('unmasked_runs', 'none');
    expect(await refusalOf(owner.start({ agent, output: 'unmasked' }))).toMatchObject({
      code: 'run_forbidden',
    });
    await owner.policy.set('unmasked_runs', 'any');
    await owner.start({ agent, environment: 'staging', output: 'unmasked' });
    await owner.policy.set('unmasked_runs', 'development');
  });

  it('R-302 what an agent receives with its project is not for its owner to change, nor for a deploy key', async () => {
    const agent = await newAgent();
    await owner.projects.create({ slug: 'richer' });
    await owner.secrets.create({ project: 'richer' }, 'RICH_KEY', 'a-value-of-some-length');
    const { key } = await owner.keys.create({ agent, rights: ['deploy', 'write', 'read'] });
    for (const caller of [holder, callerOf(server.url, key)])
      expect(await refusalOf(caller.agents.update(agent, { project: 'richer' }))).toMatchObject({
        code: 'forbidden',
      });
    expect(await owner.deliver(agent)).toEqual({});
    await owner.agents.update(agent, { project: 'richer' });
    expect(await owner.deliver(agent)).toEqual({ RICH_KEY: 'a-value-of-some-length' });
  });

  it('R-301 who creates agents, projects and environments is as the table says', async () => {
    expect(await refusalOf(holder.agents.create({ slug: 'by-holder' }))).toMatchObject({ code: 'forbidden' });
    await owner.policy.set('agent_creation', 'members');
    expect(await holder.agents.create({ slug: 'by-holder' })).toMatchObject({ owner: 'holder@example.com' });
    const forAnother = holder.agents.create({ slug: 'for-another', owner: 'member@example.com' });
    expect(await refusalOf(forAnother)).toMatchObject({ code: 'forbidden' });
    await owner.projects.create({ slug: 'managed' });
    await owner.projects.update('managed', { managers: ['member@example.com'] });
    const inManaged = holder.agents.create({ slug: 'in-managed', project: 'managed' });
    expect(await refusalOf(inManaged)).toMatchObject({ code: 'forbidden' });
    expect(await member.agents.create({ slug: 'in-managed', project: 'managed' })).toMatchObject({
      owner: 'member@example.com',
    });
    await owner.policy.set('agent_creation', 'owner_or_admin');
    expect(await refusalOf(holder.projects.create({ slug: 'theirs' }))).toMatchObject({ code: 'forbidden' });
    expect(await refusalOf(holder.environments.create({ slug: 'theirs' }))).toMatchObject({
      code: 'forbidden',
    });
  });
});
