import { processEnvironmentMaxBytes, type CofferError } from '@coffer/contract';
import { callerOf, createOrganization, createTeam, refusalOf, startServer } from '@coffer/testkit';
import { createLogger } from '@coffer/server';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';

/*
 * Somebody who can write to the database moves sealed values about: into another secret, owner, scope,
 * environment, version or organization. None opens, the start fails closed, and nothing is delivered.
 */

const logged: string[] = [];
const log = createLogger('silent');
log.error = (fields: object) => void logged.push(JSON.stringify(fields));
const server = await startServer({ log });
const { owner, newAgent } = await createTeam(server);
const database = new DatabaseSync(join(server.dataDir, 'coffer.db'), { enableForeignKeyConstraints: false });
database.exec('pragma busy_timeout = 5000');
afterAll(async () => {
  database.close();
  await server.close();
});

type Change = readonly [sql: string, ...values: SQLInputValue[]];

const apply = (changes: readonly Change[]): void => {
  for (const [sql, ...values] of changes) database.prepare(sql).run(...values);
};
const sealedOf = (secretId: string, environment = '*', number = 1): Uint8Array => {
  const row = database
    .prepare('select sealed from version where secret_id = ? and environment = ? and number = ?')
    .get(secretId, environment, number);
  return row?.['sealed'] as Uint8Array;
};
const putSealed = (secretId: string, sealed: Uint8Array, environment = '*'): Change => [
  'update version set sealed = ? where secret_id = ? and environment = ? and number = 1',
  sealed,
  secretId,
  environment,
];

/** What the operator finds under the request id of a refusal. */
const linesOf = ({ requestId }: CofferError): string[] =>
  logged.filter((line) => line.includes(requestId ?? 'without an id'));

/** What is known of earlier starts is kept only while nothing in the organization changes. */
const forgetPlans = () => owner.policy.set('preview', 'last4');

const planted = 'planted-value-of-the-victim';

const expectNothingDelivered = async (agent: string): Promise<void> => {
  await forgetPlans();
  const body = { target: { type: 'agent', id: agent }, environment: 'development' };
  const answer = await owner.ask('POST', '/v1/workloads', { body });
  expect(answer).toMatchObject({ status: 500, code: 'value_unreadable' });
  expect(answer.text).not.toContain(planted);
  expect(answer.text).not.toContain('variables');
  expect((await owner.workloads.list({ agent })).items).toEqual([]);
};

/** The victim's secret, and an agent of the attacker that may be started. */
const victims = async () => {
  const [victim, attacker] = [await newAgent(), await newAgent()];
  const secret = await owner.secrets.create(victim, 'KEY', planted);
  const { id: attackerId } = await owner.agents.get(attacker);
  return { victim, attacker, attackerId, id: secret.id };
};

describe('a sealed value in a place that is not its own (R-043, R-308)', () => {
  it('R-043 does not open in another secret of the same owner', async () => {
    const { victim, id } = await victims();
    const other = await owner.secrets.create(victim, 'OTHER', 'another-value');
    apply([putSealed(other.id, sealedOf(id))]);
    await expectNothingDelivered(victim);
  });

  it('R-308 does not open in a secret of the same name of another agent', async () => {
    const { attacker, id } = await victims();
    const own = await owner.secrets.create(attacker, 'KEY', 'the-attacker’s-own');
    apply([putSealed(own.id, sealedOf(id))]);
    await expectNothingDelivered(attacker);
  });

  it('R-308 does not open when the secret’s row is given to another agent', async () => {
    const { attacker, attackerId, id } = await victims();
    apply([['update secret set owner_id = ?, agent_id = ? where id = ?', attackerId, attackerId, id]]);
    await expectNothingDelivered(attacker);
  });

  it('R-308 does not open when the secret’s row is lifted to the project', async () => {
    await owner.projects.create({ slug: 'lifted' });
    const agent = await newAgent({ project: 'lifted' });
    const { id } = await victims();
    const project = database.prepare(`select id from project where slug = 'lifted'`).get();
    const projectId = project?.['id'] as string;
    const lift = `update secret set scope = 'project', owner_id = ?, project_id = ?, agent_id = null where id = ?`;
    apply([[lift, projectId, projectId, id]]);
    await expectNothingDelivered(agent);
  });

  it('R-043 does not open in another environment of its own secret', async () => {
    const agent = await newAgent();
    const { id } = await owner.secrets.create(agent, 'KEY', {
      development: 'harmless-value',
      production: planted,
    });
    apply([putSealed(id, sealedOf(id, 'production'), 'development')]);
    await expectNothingDelivered(agent);
  });

  it('R-043 does not open when its rows are moved to another environment', async () => {
    const agent = await newAgent();
    const { id } = await owner.secrets.create(agent, 'KEY', planted, { environment: 'production' });
    apply([
      [`update version set environment = 'development' where secret_id = ?`, id],
      [`update value_slot set environment = 'development' where secret_id = ?`, id],
    ]);
    await expectNothingDelivered(agent);
  });

  it('R-043 does not open as another version of its own slot', async () => {
    const agent = await newAgent();
    const { id } = await owner.secrets.create(agent, 'KEY', planted);
    await owner.secrets.set(agent, 'KEY', 'the-next-value');
    apply([['update version set sealed = ? where secret_id = ? and number = 2', sealedOf(id), id]]);
    await expectNothingDelivered(agent);
  });

  it('R-043 does not open under another number', async () => {
    const agent = await newAgent();
    const { id } = await owner.secrets.create(agent, 'KEY', planted);
    apply([
      ['update version set number = 7 where secret_id = ?', id],
      ['update value_slot set current = 7, last = 7 where secret_id = ?', id],
    ]);
    await expectNothingDelivered(agent);
  });

  it('R-308 is not replaced by a text that stands beside it', async () => {
    const agent = await newAgent();
    const { id } = await owner.secrets.create(agent, 'KEY', planted);
    apply([[`update version set text = 'of somebody else' where secret_id = ?`, id]]);
    await owner.policy.set('preview', 'last4');
    expect(await owner.deliver(agent)).toEqual({ KEY: planted });
  });

  it('R-308 does not open in another organization, with or without its rows', async () => {
    const organizationId = await createOrganization(server, {
      slug: 'other',
      ownerEmail: 'other@example.com',
    });
    const thief = callerOf(server.url, await server.loginAs('other@example.com'));
    const { id: agentId, slug } = await thief.agents.create({ slug: 'thief' });
    const { id } = await victims();
    const own = await thief.secrets.create(slug, 'OWN', 'the-thief’s-own');
    apply([putSealed(own.id, sealedOf(id))]);
    const steal = async () => {
      await thief.policy.set('preview', 'last4');
      return thief.ask('POST', '/v1/workloads', { body: { target: { type: 'agent', id: slug } } });
    };
    expect(await steal()).toMatchObject({ status: 500, code: 'value_unreadable' });
    await thief.secrets.delete({ id: own.id }, { purge: true });
    apply([
      [
        'update secret set organization_id = ?, owner_id = ?, agent_id = ? where id = ?',
        organizationId,
        agentId,
        agentId,
        id,
      ],
      ['update version set organization_id = ? where secret_id = ?', organizationId, id],
      ['update value_slot set organization_id = ? where secret_id = ?', organizationId, id],
    ]);
    const answer = await steal();
    expect(answer).toMatchObject({ status: 500, code: 'value_unreadable' });
    expect(answer.text).not.toContain(planted);
  });

  it('R-308 a data key does not open in another organization’s place', async () => {
    const organizationId = await createOrganization(server, { slug: 'keys', ownerEmail: 'keys@example.com' });
    const thief = callerOf(server.url, await server.loginAs('keys@example.com'));
    const { slug } = await thief.agents.create({ slug: 'key-thief' });
    const home = (await owner.whoami()).organization?.id ?? '';
    const victimKey = database
      .prepare(`select wrapped from wrapped_key where organization_id = ? and purpose = 'data'`)
      .get(home);
    const put = `update wrapped_key set wrapped = ? where organization_id = ? and purpose = 'data'`;
    apply([[put, victimKey?.['wrapped'] as Uint8Array, organizationId]]);
    const body = { name: 'KEY', value: planted };
    const written = await thief.ask('POST', `/v1/agents/${slug}/secrets`, { body });
    expect(written).toMatchObject({ status: 500, code: 'key_unreadable' });
  });

  it('R-043 does not open with a changed byte, and opens again once it is put back', async () => {
    const agent = await newAgent();
    const { id } = await owner.secrets.create(agent, 'KEY', planted);
    const sealed = sealedOf(id);
    const changed = Uint8Array.from(sealed);
    changed[sealed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    apply([putSealed(id, changed)]);
    await expectNothingDelivered(agent);
    apply([putSealed(id, sealed)]);
    await forgetPlans();
    expect(await owner.deliver(agent)).toEqual({ KEY: planted });
  });

  it('R-110 R-257 R-258 R-267 names every secret that does not open, to who starts and in the trail', async () => {
    const { victim, id } = await victims();
    for (const name of ['OTHER', 'THIRD']) {
      const { id: otherId } = await owner.secrets.create(victim, name, 'another-value');
      apply([putSealed(otherId, sealedOf(id))]);
    }
    const refused = await refusalOf(owner.start({ agent: victim }));
    expect(refused).toMatchObject({ code: 'value_unreadable', statusCode: 500, exitCode: 1 });
    for (const words of [victim, 'development', 'OTHER', 'THIRD']) expect(refused.message).toContain(words);
    expect(refused.errors).toMatchObject([
      { name: 'OTHER', secret: 'OTHER', environment: '*' },
      { name: 'THIRD', secret: 'THIRD', environment: '*' },
    ]);
    expect(refused.hint).toContain('coffer audit verify');
    const lines = linesOf(refused);
    expect(lines).toHaveLength(1);
    for (const words of ['"code":"value_unreadable"', victim, 'OTHER', 'THIRD'])
      expect(lines[0]).toContain(words);
    expect(lines[0]).not.toContain('KEY');
    expect(logged.join()).not.toContain(planted);
    expect(logged.join()).not.toContain('another-value');
    const { items } = await owner.audit.list({ agent: victim, action: 'workload.start' });
    expect(items).toMatchObject([
      {
        outcome: 'failed',
        code: 'value_unreadable',
        environment: 'development',
        secret: 'OTHER',
        details: { unreadable: ['OTHER', 'THIRD'] },
      },
    ]);
    expect(
      (await owner.audit.list({ secret: 'OTHER', agent: victim, action: 'workload.start' })).items,
    ).toEqual(items);
  });

  it('R-110 is listed beside what is missing, so that one start tells everything', async () => {
    const { victim, id } = await victims();
    const { id: otherId } = await owner.secrets.create(victim, 'OTHER', 'another-value');
    apply([putSealed(otherId, sealedOf(id))]);
    await owner.secrets.create(victim, 'MISSING', { staging: 'elsewhere' });
    const refused = await refusalOf(owner.start({ agent: victim }));
    expect(refused).toMatchObject({ code: 'env_unresolved', statusCode: 422, exitCode: 7 });
    expect(refused.message).toContain('one variable is missing, and of 1 the stored value does not open');
    expect(refused.errors).toMatchObject([
      { code: 'no_value_for_environment', name: 'MISSING', secret: 'MISSING', environment: 'development' },
      { code: 'value_unreadable', name: 'OTHER', secret: 'OTHER', environment: '*' },
    ]);
    const { items } = await owner.audit.list({ agent: victim, action: 'workload.start' });
    expect(items).toMatchObject([
      {
        code: 'env_unresolved',
        secret: 'OTHER',
        details: { missing: ['MISSING'], unreadable: ['OTHER'] },
      },
    ]);
    const lines = linesOf(refused);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('OTHER');
    expect(lines[0]).not.toContain('MISSING');
  });

  it('R-321 R-258 keeps a preview from promising a start, and the trail has what did not open', async () => {
    const { victim, id } = await victims();
    const { id: otherId } = await owner.secrets.create(victim, 'OTHER', 'another-value');
    apply([putSealed(otherId, sealedOf(id))]);
    const previewed = await owner.workloads.preview({ agent: victim });
    expect(previewed).toMatchObject({
      startable: false,
      variables: [
        { name: 'KEY', problem: null },
        { name: 'OTHER', problem: { code: 'value_unreadable' } },
      ],
    });
    expect(JSON.stringify(previewed)).not.toContain(planted);
    const { items } = await owner.audit.list({ agent: victim, action: 'workload.preview' });
    expect(items).toMatchObject([{ details: { unreadable: ['OTHER'] } }]);
  });

  it('R-321 a preview of a set that is too large opens nothing, as its start does', async () => {
    const { victim, id } = await victims();
    const { id: otherId } = await owner.secrets.create(
      victim,
      'OTHER',
      'x'.repeat(processEnvironmentMaxBytes),
    );
    apply([putSealed(otherId, sealedOf(id))]);
    const refused = await refusalOf(owner.start({ agent: victim }));
    expect(refused).toMatchObject({ code: 'env_too_large', errors: [] });
    expect(await owner.workloads.preview({ agent: victim })).toMatchObject({
      startable: false,
      problem: { code: 'env_too_large', detail: refused.message },
      variables: [
        { name: 'KEY', problem: null },
        { name: 'OTHER', problem: null },
      ],
    });
    const { items } = await owner.audit.list({ agent: victim, action: 'workload.preview' });
    expect(items.map(({ details }) => details)).toEqual([{}]);
  });

  it('R-267 a value whose key is not there is told by its secret’s name', async () => {
    const agent = await newAgent();
    const { id } = await owner.secrets.create(agent, 'KEY', planted);
    apply([['update version set generation = 9 where secret_id = ?', id]]);
    expect(await refusalOf(owner.start({ agent }))).toMatchObject({
      code: 'value_unreadable',
      errors: [{ secret: 'KEY' }],
    });
  });

  it('R-258 R-267 an earlier version that does not open is not brought back, and the attempt is in the trail', async () => {
    const agent = await newAgent();
    const { id } = await owner.secrets.create(agent, 'KEY', planted);
    await owner.secrets.set(agent, 'KEY', 'the-next-value');
    apply([putSealed(id, sealedOf(id, '*', 2))]);
    const refused = await refusalOf(owner.secrets.rollback(agent, 'KEY', { version: 1 }));
    expect(refused).toMatchObject({ code: 'value_unreadable', errors: [{ secret: 'KEY' }] });
    expect((await owner.audit.list({ agent, action: 'secret.rollback' })).items).toMatchObject([
      { outcome: 'failed', code: 'value_unreadable', secret: 'KEY' },
    ]);
  });

  it('R-308 R-023 no row turns a sealed value into one that is shown', async () => {
    const agent = await newAgent();
    const { id } = await owner.secrets.create(agent, 'KEY', planted);
    apply([
      [`update secret set kind = 'plain' where id = ?`, id],
      [`update version set kind = 'plain' where secret_id = ?`, id],
    ]);
    expect(JSON.stringify(await owner.secrets.get({ id }))).not.toContain(planted);
    expect(JSON.stringify(await owner.secrets.versions({ id }))).not.toContain(planted);
  });
});
