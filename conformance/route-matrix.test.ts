import { routes, type Route, type RouteId } from '@coffer/contract';
import { ask, callerOf, createOrganization, startServer, type TestCaller } from '@coffer/testkit';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectedOf, kinds, routeRows, type Kind } from './route-matrix.ts';

/*
 * Every route of the contract, asked by every kind of caller there is. Each cell asks for something that
 * would succeed for somebody with all rights, on things made for that cell alone, so that only the caller
 * decides how it ends.
 */

const server = await startServer();
const owner = callerOf(server.url, server.ownerToken);
const emails = {
  admin: 'admin@example.com',
  holder: 'holder@example.com',
  member: 'member@example.com',
  auditor: 'auditor@example.com',
  stranger: 'stranger@example.com',
} as const;
const agent = 'support-bot';
let organizationId = '';
const tokens: Partial<Record<Kind, string>> = {};
let serial = 0;
const unique = (word: string): string => `${word}-${(serial += 1)}`;

const makeKey = async (fields: Parameters<TestCaller['keys']['create']>[0]): Promise<string> =>
  (await owner.keys.create(fields)).key;

beforeAll(async () => {
  for (const role of ['admin', 'member', 'auditor'] as const)
    await owner.members.create({ email: emails[role], role });
  await owner.members.create({ email: emails.holder, role: 'member' });
  organizationId = (await owner.whoami()).organization?.id ?? '';
  await createOrganization(server, { slug: 'elsewhere', ownerEmail: emails.stranger });
  await owner.agents.create({ slug: agent, owner: emails.holder });
  await owner.agents.create({ slug: 'other-bot', owner: emails.admin });
  await owner.secrets.create(agent, 'DELIVERED', 'a-value-to-deliver');
  tokens.owner = server.ownerToken;
  for (const kind of ['admin', 'holder', 'member', 'auditor', 'stranger'] as const)
    tokens[kind] = await server.loginAs(emails[kind]);
  for (const right of ['read', 'write', 'deploy'] as const)
    tokens[`${right} key`] = await makeKey({ agent, rights: [right] });
  tokens['run key'] = await makeKey({ agent, rights: ['run'], environments: ['development'] });
  tokens['admin key'] = await makeKey({ rights: ['admin'] });
  const most = ['read', 'write', 'deploy', 'run'] as const;
  tokens['other agent’s key'] = await makeKey({
    agent: 'other-bot',
    rights: [...most],
    environments: ['development', 'staging', 'production'],
  });
  tokens['staging key'] = await makeKey({ agent, rights: [...most], environments: ['staging'] });
  tokens['project key'] = await makeKey({ project: 'default', rights: ['read', 'write', 'deploy'] });
});
afterAll(() => server.close());

interface Asked {
  readonly params: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const addressOf = (id: RouteId): { vault: true } | { project: string } | { agent: string } => {
  if (id.endsWith('Vault')) return { vault: true };
  return id.endsWith('Project') ? { project: 'default' } : { agent };
};

/** A secret of this cell alone, with two versions in `*` and a value for staging. */
const makeSecret = async (id: RouteId): Promise<Record<string, string>> => {
  const address = addressOf(id);
  const place = 'vault' in address ? { organization: true as const } : address;
  const name = unique('KEY').replace('-', '_');
  const made = await owner.secrets.create(place, name, { '*': 'value-one-1', staging: 'value-two-2' });
  await owner.secrets.set(place, name, 'value-three-3');
  if (id.startsWith('restoreSecret')) await owner.secrets.delete({ id: made.id });
  const where: Record<string, string> = 'vault' in address ? {} : { ...address };
  return id.endsWith('ById') ? { secret: made.id } : { ...where, name };
};

const start = async (who: string) => {
  const body = { target: { type: 'agent', id: who }, environment: 'development', only: [] };
  const { text } = await owner.ask('POST', '/v1/workloads', { body });
  const { workload, token } = JSON.parse(text) as { workload: { id: string }; token: string };
  return { id: workload.id, token };
};

/** Bodies by the verb of a secret's route; each writes the value slot `*`. */
const secretBodies: Readonly<Record<string, (name: string) => unknown>> = {
  createSecret: (name) => ({ name, value: 'value-of-a-cell' }),
  importSecrets: (name) => ({ entries: [{ name, value: 'value-of-a-cell' }] }),
  setSecret: () => ({ value: 'value-of-a-cell' }),
  updateSecret: () => ({ value: 'value-of-a-cell' }),
  rollbackSecret: () => ({ version: 1 }),
  copySecret: () => ({ from: 'staging', to: '*' }),
};

const prepareSecret = async (id: RouteId): Promise<Asked> => {
  const verb = id.replace(/(Vault|Project|Agent|ById)$/, '');
  const body = secretBodies[verb]?.(unique('NEW').replace('-', '_'));
  const route: Route = routes[id];
  const isItem = route.path.includes('{name}') || route.path.includes('{secret}');
  const address = addressOf(id);
  const params = isItem ? await makeSecret(id) : 'vault' in address ? {} : { ...address };
  if (verb === 'destroyVersion') return { params: { ...params, environment: '*', version: '1' } };
  if (verb === 'removeValue') return { params: { ...params, environment: '*' } };
  return { params, body };
};

const target = { target: { type: 'agent', id: agent }, environment: 'development', only: ['DELIVERED'] };

/** What a route is asked with, where it is not a secret's. */
const prepared: Partial<Record<RouteId, () => Promise<Asked> | Asked>> = {
  completeLocalLogin: async () => {
    const { text } = await ask(`${server.url}/v1/login/local/challenge`, { method: 'POST' });
    const { challengeId, file } = JSON.parse(text) as { challengeId: string; file: string };
    return { params: {}, body: { challengeId, answer: (await readFile(file, 'utf8')).split('\n')[0] } };
  },
  getOrganization: () => ({ params: { organization: organizationId } }),
  createMember: () => ({ params: {}, body: { email: `${unique('new')}@example.com`, role: 'member' } }),
  updateMember: async () => {
    const { id } = await owner.members.create({ email: `${unique('new')}@example.com`, role: 'member' });
    return { params: { member: id }, body: { role: 'auditor' } };
  },
  deleteMember: async () => {
    const { id } = await owner.members.create({ email: `${unique('new')}@example.com`, role: 'member' });
    return { params: { member: id } };
  },
  createProject: () => ({ params: {}, body: { slug: unique('project') } }),
  updateProject: async () => {
    const { id } = await owner.projects.create({ slug: unique('project') });
    return { params: { project: id }, body: { name: 'Renamed' } };
  },
  deleteProject: async () => ({
    params: { project: (await owner.projects.create({ slug: unique('project') })).id },
  }),
  createEnvironment: () => ({ params: {}, body: { slug: unique('environment') } }),
  updateEnvironment: async () => {
    const { id } = await owner.environments.create({ slug: unique('environment') });
    return { params: { environment: id }, body: { label: 'Renamed' } };
  },
  deleteEnvironment: async () => ({
    params: { environment: (await owner.environments.create({ slug: unique('environment') })).id },
  }),
  createAgent: () => ({ params: {}, body: { slug: unique('agent') } }),
  getAgent: () => ({ params: { agent } }),
  updateAgent: async () => {
    const { id } = await owner.agents.create({ slug: unique('agent'), owner: emails.holder });
    return { params: { agent: id }, body: { owner: emails.member } };
  },
  deleteAgent: async () => {
    const { id } = await owner.agents.create({ slug: unique('agent'), owner: emails.holder });
    return { params: { agent: id } };
  },
  restoreAgent: async () => {
    const { id } = await owner.agents.create({ slug: unique('agent'), owner: emails.holder });
    await owner.agents.delete(id);
    return { params: { agent: id } };
  },
  restartAgent: () => ({ params: { agent } }),
  listReceived: () => ({ params: { agent } }),
  createKey: () => ({ params: {}, body: { agent, rights: ['read'] } }),
  revokeKey: async () => ({ params: { key: (await owner.keys.create({ agent, rights: ['read'] })).id } }),
  setPolicy: () => ({ params: { switch: 'preview' }, body: { value: 'last4' } }),
  startWorkload: () => ({ params: {}, body: target }),
  previewWorkload: () => ({ params: {}, body: target }),
  reportOfflineStart: async () => ({
    params: {},
    body: {
      target: target.target,
      environment: 'development',
      startedAt: new Date().toISOString(),
      deliveredBy: (await start(agent)).id,
    },
  }),
  getWorkload: async () => ({ params: { workload: (await start(agent)).id } }),
  stopWorkload: async () => ({ params: { workload: (await start(agent)).id } }),
  endWorkload: () => ({ params: {}, body: { exitStatus: 0 } }),
};

/** The token of a cell's caller; a workload's is made for the cell, and a session that ends with it too. */
const tokenFor = async (kind: Kind, id: RouteId): Promise<string | undefined> => {
  if (id !== 'logout') return tokens[kind];
  if (kind === 'owner') return server.loginAs('owner@coffer.local');
  return Object.hasOwn(emails, kind) ? server.loginAs(emails[kind as keyof typeof emails]) : tokens[kind];
};

const answerOf = async (id: RouteId, kind: Kind): Promise<string> => {
  const route: Route = routes[id];
  const isSecret = /(Vault|Project|Agent|ById)$/.test(id) && route.path.includes('secrets');
  const asked = isSecret ? await prepareSecret(id) : ((await prepared[id]?.()) ?? { params: {} });
  let token = await tokenFor(kind, id);
  const params: Record<string, string> = { ...asked.params };
  if (kind === 'own workload' || kind === 'other workload' || /^(watch|beat|end)Workload$/.test(id)) {
    const own = await start(agent);
    params['workload'] ??= own.id;
    if (kind === 'own workload') token = own.token;
    if (kind === 'other workload') token = (await start('other-bot')).token;
  }
  const path = route.path.replaceAll(/\{([a-z]+)\}/g, (_, name: string) =>
    encodeURIComponent(params[name] ?? ''),
  );
  const named = kind === 'stranger' && route.inOrganization ? `/organizations/${organizationId}` : '';
  const answer = await ask(`${server.url}/v1${named}${path}`, {
    method: route.method.toUpperCase(),
    token,
    ...(asked.body !== undefined && { body: asked.body }),
  });
  const isDeclared =
    answer.code === undefined ||
    ['not_authenticated', 'forbidden', 'organization_not_found'].includes(answer.code) ||
    (route.errors as readonly string[]).includes(answer.code);
  return isDeclared ? String(answer.status) : `${answer.status} undeclared ${answer.code}`;
};

describe('every route, asked by every kind of caller (R-062, R-063, R-064, R-073, R-076, R-301)', () => {
  it('has a row for every route of the contract, and none for another', () => {
    expect(Object.keys(routeRows).sort()).toEqual(Object.keys(routes).sort());
  });

  for (const id of Object.keys(routes) as RouteId[]) {
    it(`${id} answers each as its row says`, async () => {
      const answers: Partial<Record<Kind, string>> = {};
      for (const kind of kinds) answers[kind] = await answerOf(id, kind);
      expect(answers).toEqual(expectedOf(id));
    });
  }

  it('R-258 leaves every refusal of a guarded change in the trail, and a chain that verifies', async () => {
    const refused = await owner.audit.list({ outcome: 'refused', limit: 1000 });
    expect(refused.items.length).toBeGreaterThan(100);
    expect(await owner.audit.verify()).toMatchObject({ ok: true });
  });
});
