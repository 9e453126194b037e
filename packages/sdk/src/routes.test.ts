import { routes, type Route } from '@coffer/contract';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { createClient, type Client } from './client.ts';
import { listenLocally } from './local-server.ts';
import { reportOfflineStart, startWorkload } from './runner/index.ts';
import type { SecretAddress, SecretOwner } from './secret-address.ts';

type Call = (client: Client) => unknown;

const owners: readonly SecretOwner[] = [
  'bot',
  { agent: 'bot' },
  { project: 'default' },
  { organization: true },
];
const addresses: readonly SecretAddress[] = [
  { id: 'sec_1' },
  { id: 'sec_1', scope: 'agent' },
  { agent: 'bot', name: 'KEY' },
  { project: 'default', name: 'KEY' },
  { organization: true, name: 'KEY' },
];

/** One call for each address that a method takes. */
const ofOwners = (call: (client: Client, owner: SecretOwner) => unknown): Call[] =>
  owners.map((owner) => (client) => call(client, owner));
const ofAddresses = (call: (client: Client, address: SecretAddress) => unknown): Call[] =>
  addresses.map((address) => (client) => call(client, address));

const page = { cursor: 'c', limit: 10 };
const create = { idempotencyKey: 'once' };
const write = { ...create, expectVersion: 2 };
const fields = {
  environment: 'production',
  kind: 'sealed' as const,
  description: 'for tests',
  tags: ['a'],
  rotateEveryDays: 90,
};
const instant = '2026-01-01T00:00:00.000Z';

/** Every method with everything it takes, by its name. */
const calls: Readonly<Record<string, readonly Call[]>> = {
  'secrets.list': ofOwners((client, owner) => client.secrets.list(owner, { ...page, deleted: true })),
  'secrets.listAll': ofOwners((client, owner) => client.secrets.listAll(owner, { deleted: false }).next()),
  'secrets.set': ofOwners((client, owner) =>
    client.secrets.set(owner, 'KEY', 'value', { ...fields, ...write }),
  ),
  'secrets.create': [
    ...ofOwners((client, owner) => client.secrets.create(owner, 'KEY', 'value', { ...fields, ...create })),
    (client) => client.secrets.create('bot', 'KEY', { '*': 'value', staging: 'other' }),
  ],
  'secrets.import': ofOwners((client, owner) =>
    client.secrets.import(owner, [{ name: 'A', value: '1' }], {
      environment: '*',
      kind: 'sealed',
      plainNames: ['A'],
      onConflict: 'skip',
      dryRun: true,
      ...create,
    }),
  ),
  'secrets.get': [
    ...ofAddresses((client, address) => client.secrets.get(address)),
    ...ofOwners((client, owner) => client.secrets.get(owner, 'KEY')),
  ],
  'secrets.update': [
    ...ofAddresses((client, address) => client.secrets.update(address, { ...fields, value: 'value' }, write)),
    ...ofOwners((client, owner) => client.secrets.update(owner, 'KEY', { neverReveal: true }, write)),
  ],
  'secrets.delete': [
    ...ofAddresses((client, address) =>
      client.secrets.delete(address, { force: true, purge: false, expectVersion: 2 }),
    ),
    ...ofOwners((client, owner) => client.secrets.delete(owner, 'KEY')),
  ],
  'secrets.restore': ofAddresses((client, address) => client.secrets.restore(address, create)),
  'secrets.rollback': ofAddresses((client, address) =>
    client.secrets.rollback(address, { environment: 'staging', version: 1 }, write),
  ),
  'secrets.copy': ofAddresses((client, address) =>
    client.secrets.copy(address, { from: 'staging', to: '*' }, write),
  ),
  'secrets.versions': ofAddresses((client, address) => client.secrets.versions(address)),
  'secrets.destroyVersion': ofAddresses((client, address) =>
    client.secrets.destroyVersion(address, { environment: '*', version: 3 }),
  ),
  'secrets.removeValue': ofAddresses((client, address) =>
    client.secrets.removeValue(address, '*', { expectVersion: 2 }),
  ),
  'agents.list': [(client) => client.agents.list({ ...page, project: 'default' })],
  'agents.listAll': [(client) => client.agents.listAll().next()],
  'agents.get': [(client) => client.agents.get('bot')],
  'agents.create': [
    (client) => client.agents.create({ slug: 'bot', project: 'p', owner: 'a@b.example' }, create),
  ],
  'agents.update': [(client) => client.agents.update('bot', { project: 'p', owner: 'a@b.example' })],
  'agents.delete': [(client) => client.agents.delete('bot', { purge: true })],
  'agents.restore': [(client) => client.agents.restore('bot', create)],
  'agents.restart': [(client) => client.agents.restart('bot')],
  'agents.received': [(client) => client.agents.received('bot', { environment: 'staging' })],
  'projects.list': [(client) => client.projects.list(page)],
  'projects.listAll': [(client) => client.projects.listAll().next()],
  'projects.create': [(client) => client.projects.create({ slug: 'p', name: 'P' }, create)],
  'projects.update': [(client) => client.projects.update('p', { name: 'P', managers: null })],
  'projects.delete': [(client) => client.projects.delete('p')],
  'environments.list': [(client) => client.environments.list(page)],
  'environments.listAll': [(client) => client.environments.listAll().next()],
  'environments.create': [
    (client) => client.environments.create({ slug: 'qa', label: 'QA', position: 4 }, create),
  ],
  'environments.update': [(client) => client.environments.update('qa', { label: 'QA', position: 4 })],
  'environments.delete': [(client) => client.environments.delete('qa')],
  'members.list': [(client) => client.members.list(page)],
  'members.listAll': [(client) => client.members.listAll().next()],
  'members.create': [
    (client) => client.members.create({ email: 'a@b.example', role: 'member', name: 'A' }, create),
  ],
  'members.update': [(client) => client.members.update('a@b.example', { role: 'admin', name: 'A' })],
  'members.delete': [(client) => client.members.delete('a@b.example')],
  'keys.list': [(client) => client.keys.list(page)],
  'keys.listAll': [(client) => client.keys.listAll().next()],
  'keys.create': [
    (client) =>
      client.keys.create(
        { name: 'ci', agent: 'bot', environments: ['production'], rights: ['run'], expiresInDays: 30 },
        create,
      ),
  ],
  'keys.revoke': [(client) => client.keys.revoke('key_1')],
  'policy.get': [(client) => client.policy.get()],
  'policy.set': [(client) => client.policy.set('retention_days', 14)],
  'workloads.list': [
    (client) => client.workloads.list({ ...page, agent: 'bot', environment: 'staging', state: 'running' }),
  ],
  'workloads.listAll': [(client) => client.workloads.listAll().next()],
  'workloads.get': [(client) => client.workloads.get('wrk_1')],
  'workloads.stop': [(client) => client.workloads.stop('wrk_1')],
  'workloads.preview': [
    (client) => client.workloads.preview({ agent: 'bot', environment: 'staging', only: ['KEY'] }),
  ],
  'audit.list': [
    (client) =>
      client.audit.list({
        ...page,
        secret: 'KEY',
        actor: 'a@b.example',
        agent: 'bot',
        environment: 'staging',
        action: 'secret.write',
        outcome: 'done',
        since: instant,
        until: instant,
        order: 'oldest',
      }),
  ],
  'audit.listAll': [(client) => client.audit.listAll({ agent: 'bot' }).next()],
  'audit.verify': [(client) => client.audit.verify()],
  'organizations.list': [(client) => client.organizations.list(page)],
  'organizations.listAll': [(client) => client.organizations.listAll().next()],
  'organizations.get': [(client) => client.organizations.get('acme')],
  'login.challenge': [(client) => client.login.challenge()],
  'login.complete': [
    (client) =>
      client.login.complete({ challengeId: `chl_${'0'.repeat(32)}`, answer: 'a', as: 'a@b.example' }),
  ],
  whoami: [(client) => client.whoami()],
  logout: [(client) => client.logout()],
};

const pulse = { state: 'running', stop: false, restart: false, stale: [] };
const anyAnswer = JSON.stringify({
  ...pulse,
  items: [],
  nextCursor: null,
  workload: { id: 'wrk_1' },
  token: 'cfr_run_1',
  heartbeatSeconds: 20,
  variables: [],
  advice: [],
});

interface Asked {
  readonly by: string;
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

/** Makes every call against a server that writes down what it was asked. */
async function askEverything(organization: string | undefined): Promise<readonly Asked[]> {
  const asked: Asked[] = [];
  let by = '';
  await using local = await listenLocally((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '', 'http://localhost');
      const isBeat = url.pathname.endsWith('/heartbeat') || url.pathname.endsWith('/events');
      asked.push({
        by: isBeat ? `runner ${url.pathname}` : by,
        method: (request.method ?? '').toLowerCase(),
        url,
        headers: request.headers,
        body: body === '' ? undefined : (JSON.parse(body) as unknown),
      });
      response.writeHead(200, { 'content-type': 'application/json' }).end(anyAnswer);
    });
  });
  const options = { baseUrl: local.url, apiKey: 'cfr_key_1', organization };
  const client = createClient(options);
  for (const [name, each] of Object.entries(calls)) {
    by = name;
    for (const call of each) await call(client);
  }
  by = 'runner startWorkload';
  const { link } = await startWorkload(options, {
    agent: 'bot',
    environment: 'staging',
    only: ['KEY'],
    invocation: true,
    output: 'masked',
  });
  link.listen({});
  await vi.waitUntil(
    () => new Set(asked.filter(({ by: who }) => who.startsWith('runner /')).map((one) => one.by)).size === 2,
  );
  by = 'runner reportOfflineStart';
  await reportOfflineStart(options, {
    agent: 'bot',
    environment: 'staging',
    startedAt: new Date(0).toISOString(),
    deliveredBy: 'wrk_1',
    idempotencyKey: 'once',
  });
  by = 'runner link.end';
  await link.end(143);
  return asked;
}

const patternOf = (path: string) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, '([^/]+)')}$`);

function routesAt({ method, url }: Asked, organization: string | undefined): Route[] {
  return Object.values<Route>(routes).filter((route) => {
    const inside = organization !== undefined && route.inOrganization;
    const prefix = inside ? `/v1/organizations/${organization}` : '/v1';
    return route.method === method && patternOf(`${prefix}${route.path}`).test(url.pathname);
  });
}

function methodNames(object: object, prefix = ''): string[] {
  return Object.entries(object).flatMap(([name, member]: [string, unknown]) =>
    typeof member === 'object' && member !== null
      ? methodNames(member, `${prefix}${name}.`)
      : `${prefix}${name}`,
  );
}

it('every method of the client is called here', () => {
  expect(Object.keys(calls).sort()).toEqual(methodNames(createClient()).sort());
});

describe.each([undefined, 'acme'])('in the organization %s', (organization) => {
  let asked: readonly Asked[] = [];
  beforeAll(async () => {
    asked = await askEverything(organization);
  });

  it('R-219 every request meets exactly one route of the contract', () => {
    const astray = asked.filter((one) => routesAt(one, organization).length !== 1);
    expect(astray.map(({ by, method, url }) => `${by}: ${method} ${url.pathname}`)).toEqual([]);
  });

  it('R-219 every route of the contract is reached by exactly one method, beside its iterator', () => {
    const reached = new Map<string, Set<string>>(Object.keys(routes).map((id) => [id, new Set()]));
    for (const one of asked) {
      const by = one.by.replace(/listAll$/, 'list');
      for (const { id } of routesAt(one, organization)) reached.get(id)?.add(by);
    }
    const others = [...reached].filter(([, methods]) => methods.size !== 1);
    expect(others.map(([id, methods]) => `${id}: ${[...methods].join(', ')}`)).toEqual([]);
  });

  it('every query and body fits the contract, and no header goes where the contract has none', () => {
    const misfits = asked.flatMap((one) => {
      const [route] = routesAt(one, organization);
      if (route === undefined) return [`${one.by}: no route`];
      const query = Object.fromEntries(one.url.searchParams);
      const headers = ['If-Match', 'Idempotency-Key'] as const;
      return [
        ...(route.query === undefined && one.url.search !== '' ? [`${one.by}: query`] : []),
        ...(route.query?.strict().safeParse(query).success === false ? [`${one.by}: query`] : []),
        ...(route.body === undefined && one.body !== undefined ? [`${one.by}: body`] : []),
        ...(route.body?.safeParse(one.body).success === false ? [`${one.by}: body`] : []),
        ...headers
          .filter((name) => name.toLowerCase() in one.headers && route.headers?.includes(name) !== true)
          .map((name) => `${one.by}: ${name}`),
      ];
    });
    expect(misfits).toEqual([]);
  });

  it('R-318 every condition that a route takes can be given to its method', () => {
    const unreached = Object.values<Route>(routes).flatMap(({ id, headers = [] }) => {
      const there = asked.filter((one) => routesAt(one, organization).some((route) => route.id === id));
      return headers
        .filter((name) => !there.some((one) => name.toLowerCase() in one.headers))
        .map((name) => `${id}: ${name}`);
    });
    expect(unreached).toEqual([]);
  });

  it('the credential goes with every request, the workload’s own with what the link asks', () => {
    const ofLink = asked.filter(({ url }) => /\/(heartbeat|events|end)$/.test(url.pathname));
    expect(new Set(ofLink.map(({ headers }) => headers['authorization']))).toEqual(
      new Set(['Bearer cfr_run_1']),
    );
    const others = asked.filter((one) => !ofLink.includes(one));
    expect(new Set(others.map(({ headers }) => headers['authorization']))).toEqual(
      new Set(['Bearer cfr_key_1']),
    );
  });
});
