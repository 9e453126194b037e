import type { SecretRecord } from '@coffer/contract';
import { initialEnvironments } from '@coffer/contract';
import { createTeam, refusalOf, startServer } from '@coffer/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const server = await startServer();
const { owner, admin, newAgent } = await createTeam(server);
const everywhere = { development: ['owner'], staging: ['owner'], production: ['owner'] };
beforeAll(() => owner.policy.set('people_may_run', everywhere));
afterAll(() => server.close());

const vault = { organization: true } as const;

describe('environments of an organization', () => {
  it('R-027 there are development, staging and production from the start', async () => {
    const { items } = await owner.environments.list();
    expect(items.map(({ slug }) => slug)).toEqual(['development', 'staging', 'production']);
  });

  it('R-027 admins add, label and order more', async () => {
    await admin.environments.create({ slug: 'qa', label: 'Quality', position: 1 });
    await admin.environments.update('production', { position: 9, label: 'Live' });
    const { items } = await owner.environments.list();
    expect(items.map(({ slug }) => slug)).toEqual(['development', 'qa', 'staging', 'production']);
    expect(items.at(-1)).toMatchObject({ label: 'Live' });
    expect(items.map(({ position }) => position)).toEqual([0, 1, 2, 9]);
    expect(await refusalOf(admin.environments.create({ slug: 'qa' }))).toMatchObject({
      code: 'environment_exists',
    });
  });

  it('R-027 an environment that is put where another is comes before it, and no two share a position', async () => {
    const made = await owner.environments.create({ slug: 'at-the-end' });
    const placed = await owner.environments.update('at-the-end', { position: 1 });
    const { items } = await owner.environments.list();
    expect(placed).toMatchObject({ position: 1 });
    expect(items[1]).toMatchObject({ slug: 'at-the-end' });
    expect(made.position).toBe(Math.max(...items.map(({ position }) => position)) + 1);
    expect(new Set(items.map(({ position }) => position)).size).toBe(items.length);
    await owner.environments.delete('at-the-end');
  });

  it('R-027 names are lower-case slugs', async () => {
    for (const slug of ['QA', 'with space', '-a', 'a-', 'a--b', '*', '', 'x'.repeat(64)]) {
      const made = await refusalOf(owner.environments.create({ slug }));
      expect(made).toMatchObject({ code: 'request_invalid' });
    }
  });

  it('R-038 each of the three says which credentials belong there', () => {
    const help = initialEnvironments.map(({ slug, help: text }) => [slug, text]);
    expect(Object.fromEntries(help)).toEqual({
      development: expect.stringContaining('no harm') as string,
      staging: expect.stringContaining('rehearsing') as string,
      production: expect.stringContaining('live') as string,
    });
  });
});

describe('values per environment', () => {
  it('R-028 a secret of any scope holds a value per environment, and they change independently', async () => {
    await owner.projects.create({ slug: 'several' });
    for (const place of [await newAgent(), { project: 'several' }, vault]) {
      await owner.secrets.create(place, 'KEY', {
        development: 'for-development',
        production: 'for-production',
      });
      await owner.secrets.set(place, 'KEY', 'new-for-development', { environment: 'development' });
      const { values } = await owner.secrets.get(place, 'KEY');
      expect(values.map(({ environment, version }) => [environment, version])).toEqual([
        ['development', 2],
        ['production', 1],
      ]);
    }
  });

  it('R-029 a value is written for all environments unless one is named', async () => {
    const agent = await newAgent();
    expect(await owner.secrets.create(agent, 'KEY', 'for-all-of-them')).toMatchObject({ environment: '*' });
    for (const environment of ['development', 'staging', 'production'])
      expect(await owner.deliver(agent, environment)).toEqual({ KEY: 'for-all-of-them' });
  });

  it('R-030 the exact environment is looked up first, then all, and never another', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'BOTH', { '*': 'shared-value', staging: 'staging-value' });
    expect(await owner.deliver(agent, 'staging')).toEqual({ BOTH: 'staging-value' });
    expect(await owner.deliver(agent, 'production')).toEqual({ BOTH: 'shared-value' });
    await owner.secrets.create(agent, 'STAGING_ONLY', 'staging-value', { environment: 'staging' });
    const refused = await refusalOf(owner.start({ agent, environment: 'production' }));
    expect(refused).toMatchObject({
      code: 'env_unresolved',
      errors: [{ code: 'no_value_for_environment', secret: 'STAGING_ONLY', environment: 'production' }],
    });
    expect(refused.errors[0]?.detail).toContain('staging');
  });

  it('R-032 writing the shared value names the environments that keep their own', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'KEY', {
      '*': 'shared-value',
      staging: 'its-own',
      production: 'its-own-too',
    });
    const { advice } = await owner.secrets.set(agent, 'KEY', 'newer-shared-value');
    const told = advice.find(({ code }) => code === 'environments_keep_own_value');
    expect(told?.message).toContain('production, staging');
    expect(await owner.deliver(agent, 'staging')).toEqual({ KEY: 'its-own' });
  });

  it('R-033 a start runs in the environment named, else in the organization’s default', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'WHERE', { development: 'in-development', staging: 'in-staging' });
    expect((await owner.start({ agent })).workload.environment).toBe('development');
    expect((await owner.start({ agent, environment: 'staging' })).workload.environment).toBe('staging');
    await owner.policy.set('default_environment', 'staging');
    expect(await owner.deliver(agent)).toEqual({ WHERE: 'in-staging' });
    await owner.policy.set('default_environment', 'development');
  });

  it('R-033 an environment that does not exist is refused by name, with the ones there are', async () => {
    const agent = await newAgent();
    const refused = await refusalOf(owner.start({ agent, environment: 'nowhere' }));
    expect(refused).toMatchObject({ code: 'environment_not_found' });
    expect(refused.hint).toContain('development');
    const written = owner.secrets.create(agent, 'KEY', 'some-value', { environment: 'nowhere' });
    expect(await refusalOf(written)).toMatchObject({ code: 'environment_not_found' });
  });

  it('R-033 R-259 a list of an environment that does not exist is refused; one that was deleted keeps its history', async () => {
    const slug = 'was-there';
    await owner.environments.create({ slug });
    const agent = await newAgent();
    await owner.policy.set('people_may_run', { ...everywhere, [slug]: ['owner'] });
    await owner.start({ agent, environment: slug });
    await owner.policy.set('people_may_run', everywhere);
    const lists = (environment: string) => [
      owner.workloads.list({ environment }),
      owner.audit.list({ environment }),
    ];
    for (const list of lists('nowhere')) {
      const refused = await refusalOf(list);
      expect(refused).toMatchObject({ code: 'environment_not_found' });
      expect(refused.hint).toContain('development');
    }
    await owner.environments.delete(slug);
    for (const list of lists(slug)) expect((await list).items.length).toBeGreaterThan(0);
    await owner.environments.create({ slug: 'unused' });
    expect((await owner.workloads.list({ environment: 'unused' })).items).toEqual([]);
    expect((await owner.audit.list({ environment: '*', action: 'no.such' })).items).toEqual([]);
  });

  it('R-037 lists show per environment that a value is set, local, its version and age', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'KEY', { development: 'one-value', staging: 'two-values' });
    const [record] = (await owner.secrets.list(agent)).items;
    expect(record?.values).toHaveLength(2);
    for (const value of record?.values ?? []) {
      expect(value).toMatchObject({ storage: 'local', version: 1, updatedBy: 'owner@coffer.local' });
      expect(Date.parse(value.updatedAt)).toBeLessThanOrEqual(Date.now());
    }
  });

  it('R-039 one value is removed and the others stay; the last one only goes with the secret', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'KEY', { '*': 'shared-value', staging: 'staging-value' });
    await owner.secrets.removeValue(agent, 'KEY', 'staging');
    expect(await owner.deliver(agent, 'staging')).toEqual({ KEY: 'shared-value' });
    expect(await refusalOf(owner.secrets.removeValue(agent, 'KEY', '*'))).toMatchObject({
      code: 'last_value',
    });
    expect(await refusalOf(owner.secrets.removeValue(agent, 'KEY', 'staging'))).toMatchObject({
      code: 'no_value_for_environment',
    });
  });

  it('R-040 an environment with values is not removed, and the refusal lists them', async () => {
    await owner.environments.create({ slug: 'preview' });
    const agent = await newAgent();
    await owner.secrets.create(agent, 'KEY', { '*': 'shared-value', preview: 'preview-value' });
    expect(await refusalOf(owner.environments.delete('preview'))).toMatchObject({
      code: 'environment_in_use',
      errors: [{ secret: 'KEY', environment: 'preview' }],
    });
    await owner.secrets.removeValue(agent, 'KEY', 'preview');
    await owner.environments.delete('preview');
    const { items } = await owner.environments.list();
    expect(items.map(({ slug }) => slug)).not.toContain('preview');
  });

  it('R-040 the refusal says whose each secret is, and how to address it', async () => {
    await owner.environments.create({ slug: 'shared-by-all' });
    const agent = await newAgent();
    const environment = 'shared-by-all';
    const project = { project: 'default' };
    await owner.secrets.create(agent, 'OF_AGENT', 'some-value', { environment });
    await owner.secrets.create(project, 'OF_PROJECT', 'some-value', { environment });
    const { id } = await owner.secrets.create({ organization: true }, 'OF_ALL', 'some-value', {
      environment,
    });
    const refused = await refusalOf(owner.environments.delete(environment));
    expect(refused.errors).toMatchObject([
      { secret: 'OF_AGENT', agent, detail: `OF_AGENT of agent ${agent} has a value in ${environment}` },
      { secret: 'OF_PROJECT', project: 'default' },
      { secret: 'OF_ALL', detail: `OF_ALL of the organization has a value in ${environment}` },
    ]);
    expect(refused.hint).toContain(`coffer secrets delete ${agent} OF_AGENT --env ${environment}`);
    await owner.secrets.delete(agent, 'OF_AGENT', { purge: true });
    expect((await refusalOf(owner.environments.delete(environment))).hint).toContain(
      `coffer secrets delete --project default OF_PROJECT --env ${environment}`,
    );
    await owner.secrets.delete(project, 'OF_PROJECT', { purge: true });
    await owner.secrets.delete({ id });
    expect((await refusalOf(owner.environments.delete(environment))).hint).toContain(
      `coffer secrets delete --id ${id} --purge`,
    );
  });

  it('R-037 a secret that has values and none for production is marked, in lists and by itself', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'ABSENT', 'some-value', { environment: 'development' });
    await owner.secrets.create(agent, 'SHARED', 'some-value');
    await owner.secrets.create(agent, 'SET', { development: 'some-value', production: 'another-value' });
    const marked = ({ advice }: SecretRecord) =>
      advice.some(({ code }) => code === 'production_value_missing');
    const { items } = await owner.secrets.list(agent);
    expect(items.filter(marked).map(({ name }) => name)).toEqual(['ABSENT']);
    expect(marked(await owner.secrets.get(agent, 'ABSENT'))).toBe(true);
    await owner.secrets.set(agent, 'ABSENT', 'live-value', { environment: 'production' });
    expect(marked(await owner.secrets.get(agent, 'ABSENT'))).toBe(false);
  });

  it('R-040 a deleted secret that can come back still holds its environment', async () => {
    await owner.environments.create({ slug: 'held' });
    const agent = await newAgent();
    const { id } = await owner.secrets.create(agent, 'KEY', 'held-value', { environment: 'held' });
    await owner.secrets.delete({ id });
    expect(await refusalOf(owner.environments.delete('held'))).toMatchObject({ code: 'environment_in_use' });
    await owner.secrets.delete({ id }, { purge: true });
    await owner.environments.delete('held');
  });

  it('R-040 the default environment is not removed', async () => {
    expect(await refusalOf(owner.environments.delete('development'))).toMatchObject({
      code: 'environment_in_use',
    });
  });
});
