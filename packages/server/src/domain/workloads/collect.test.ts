import { callerOf, startServer, type TestCaller, type TestServer } from '@coffer/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Agent } from '../agents/port.ts';
import { collect, findTooLarge, narrow, problemOf, refuseUnresolved, type Collected } from './collect.ts';

let server: TestServer;
let owner: TestCaller;
const project = { project: 'default' };

beforeAll(async () => {
  server = await startServer();
  owner = callerOf(server.url, server.ownerToken);
});
afterAll(() => server.close());

let agents = 0;
const newAgent = async (): Promise<Agent> => {
  const { id } = await owner.agents.create({ slug: `bot-${(agents += 1)}` });
  return server.server.house.database.read(async (stores) => {
    const [organization] = await stores.organizations.list();
    const agent = organization && (await stores.agents.find(organization.id, id));
    if (agent === undefined) throw new Error('There is no agent');
    return agent;
  });
};
const collectOf = (agent: Agent, environment: string): Promise<readonly Collected[]> =>
  server.server.house.database.read(async (stores) => collect(stores, agent, environment));
/** What was collected, as `NAME source slot#version`. */
const linesOf = (collected: readonly Collected[]): string[] =>
  collected.map(
    ({ name, source, version }) =>
      `${name} ${source} ${version === undefined ? 'nothing' : `${version.environment}#${version.number}`}`,
  );

describe('what an agent gets', () => {
  it('R-030 R-098 is its own and its project’s by name: the exact environment, else *, the agent’s over the project’s', async () => {
    const agent = await newAgent();
    await owner.secrets.create(project, 'BOTH', { '*': 'project', production: 'project, live' });
    await owner.secrets.create(agent.slug, 'BOTH', { '*': 'own' });
    await owner.secrets.create(project, 'SHARED', { '*': 'every', staging: 'exact' });
    await owner.secrets.create(agent.slug, 'OWN', 'one');
    await owner.secrets.set(agent.slug, 'OWN', 'two');
    expect(linesOf(await collectOf(agent, 'staging'))).toEqual([
      'BOTH agent *#1',
      'OWN agent *#2',
      'SHARED project staging#1',
    ]);
    expect(linesOf(await collectOf(agent, 'production'))).toEqual([
      'BOTH agent *#1',
      'OWN agent *#2',
      'SHARED project *#1',
    ]);
  });

  it('R-098 R-110 a winner without a value does not fall back, and is told with where it has one', async () => {
    const agent = await newAgent();
    await owner.secrets.create(project, 'WINNER', 'from the project');
    await owner.secrets.create(agent.slug, 'WINNER', { staging: 'elsewhere' });
    const collected = await collectOf(agent, 'production');
    const winner = collected.find(({ name }) => name === 'WINNER');
    expect(winner).toMatchObject({ source: 'agent', version: undefined, slots: ['staging'] });
    expect(winner && problemOf(winner, 'production')).toMatchObject({
      code: 'no_value_for_environment',
      secret: 'WINNER',
      environment: 'production',
      detail: expect.stringContaining('staging') as string,
    });
    await owner.secrets.delete(agent.slug, 'WINNER');
    expect(linesOf(await collectOf(agent, 'production'))).toContain('WINNER project *#1');
  });

  it('R-007 R-097 R-109 is nothing of another agent, another project or the vault', async () => {
    const [agent, other] = [await newAgent(), await newAgent()];
    await owner.projects.create({ slug: 'elsewhere' });
    await owner.secrets.create(other.slug, 'OF_ANOTHER', 'value');
    await owner.secrets.create({ project: 'elsewhere' }, 'OF_ELSEWHERE', 'value');
    await owner.secrets.create({ organization: true }, 'OF_VAULT', 'value');
    const names = (await collectOf(agent, 'development')).map(({ name }) => name);
    for (const name of ['OF_ANOTHER', 'OF_ELSEWHERE', 'OF_VAULT']) expect(names).not.toContain(name);
  });
});

describe('narrowing it', () => {
  it('R-321 keeps the names that were asked for, and tells those the agent does not get', async () => {
    const agent = await newAgent();
    for (const name of ['ONE', 'TWO']) await owner.secrets.create(agent.slug, name, 'value');
    const collected = await collectOf(agent, 'development');
    expect(narrow(collected, undefined)).toEqual({ kept: collected, unknown: [] });
    const { kept, unknown } = narrow(collected, ['TWO', 'NONE', 'NONE']);
    expect(kept.map(({ name }) => name)).toEqual(['TWO']);
    expect(unknown).toEqual(['NONE']);
  });
});

describe('what keeps a start from happening', () => {
  it('R-110 is told all at once: every name without a value, and every one nobody has', async () => {
    const agent = await newAgent();
    for (const name of ['MISSING_1', 'MISSING_2'])
      await owner.secrets.create(agent.slug, name, { staging: 'elsewhere' });
    const set = narrow(await collectOf(agent, 'production'), ['MISSING_1', 'MISSING_2', 'NOBODYS']);
    const refuse = () => refuseUnresolved({ ...set, unreadable: [] }, agent, 'production');
    expect(refuse).toThrow(
      expect.objectContaining({
        code: 'env_unresolved',
        errors: [
          expect.objectContaining({ name: 'NOBODYS', code: 'secret_not_found' }),
          expect.objectContaining({ name: 'MISSING_1', code: 'no_value_for_environment' }),
          expect.objectContaining({ name: 'MISSING_2', code: 'no_value_for_environment' }),
        ],
      }) as Error,
    );
    expect(() =>
      refuseUnresolved({ kept: [], unknown: [], unreadable: [] }, agent, 'production'),
    ).not.toThrow();
  });

  it('a set is too large by its bytes, not its characters, with names and ends counted', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent.slug, 'NAME', 'žluť');
    const set = (await collectOf(agent, 'development')).filter(({ name }) => name === 'NAME');
    const bytes = 'NAME'.length + Buffer.byteLength('žluť') + 2;
    expect(findTooLarge(set, agent, bytes)).toBeUndefined();
    expect(findTooLarge(set, agent, bytes - 1)).toMatchObject({ code: 'env_too_large' });
  });
});
