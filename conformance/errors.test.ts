import { errorTable, routes, type ErrorCode, type Route } from '@coffer/contract';
import { ask, callerOf, createTeam, refusalOf, startServer } from '@coffer/testkit';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const server = await startServer();
const { owner, holder, member, newAgent } = await createTeam(server);
afterAll(() => server.close());

const root = join(import.meta.dirname, '..');
const codes = Object.keys(errorTable) as ErrorCode[];

describe('the table of errors', () => {
  it('has as many codes as were decided; a new one comes with its thrower, test and page', () => {
    expect(codes).toHaveLength(53);
  });

  it('R-267 every code is thrown somewhere', () => {
    const sources = globSync('packages/{server,cli,sdk,coffer}/src/**/*.ts', { cwd: root })
      .filter((file) => !/\.(test|fixture)\.ts$/.test(file))
      .map((file) => readFileSync(join(root, file), 'utf8'))
      .join('\n');
    expect(codes.filter((code) => !sources.includes(`'${code}'`))).toEqual([]);
  });

  it('R-267 the page for users lists every code and no other', () => {
    const page = join(root, 'docs/errors.md');
    expect(existsSync(page)).toBe(true);
    const listed = new Set(
      [...readFileSync(page, 'utf8').matchAll(/`([a-z]+(?:_[a-z0-9]+)*)`/g)].map(([, code]) => code),
    );
    expect(codes.filter((code) => !listed.has(code))).toEqual([]);
  });

  it('R-203 statuses and exit codes go together', () => {
    const exitOf: Readonly<Record<number, readonly number[]>> = {
      400: [2],
      401: [3],
      403: [4],
      404: [5],
      405: [2],
      409: [6],
      412: [6],
      413: [2],
      415: [2],
      422: [2, 7],
      429: [9],
      500: [1],
      502: [8],
      503: [8],
    };
    for (const code of codes) {
      const { status, exitCode } = errorTable[code];
      if (status >= 400) expect([code, exitOf[status]?.includes(exitCode)]).toEqual([code, true]);
    }
  });

  it('every route names only codes that cross HTTP', () => {
    for (const route of Object.values(routes) as Route[])
      for (const code of route.errors) expect(errorTable[code].status).toBeGreaterThanOrEqual(400);
  });
});

describe('an error on the wire', () => {
  it('R-267 is problem+json with code, title, status, detail, hint and request id', async () => {
    const answer = await owner.ask('GET', '/v1/agents/no-such-agent');
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const problem = JSON.parse(answer.text) as Record<string, unknown>;
    expect(problem).toMatchObject({
      code: 'agent_not_found',
      status: 404,
      title: errorTable.agent_not_found.title,
      hint: expect.stringContaining('coffer agent list') as string,
    });
    expect(problem['requestId']).toBe(answer.headers.get('x-request-id'));
  });

  it('R-269 a name that is not found offers close ones, first the one that differs in case', async () => {
    const agent = await newAgent();
    for (const name of ['OPENAI_API_KEY', 'OPENAI_API_KEYS', 'STRIPE_KEY'])
      await owner.secrets.create(agent, name, 'some-value');
    const missing = await refusalOf(owner.secrets.get(agent, 'openai_api_key'));
    expect(missing.hint).toContain('Close to it: OPENAI_API_KEY');
    expect((await refusalOf(owner.secrets.get(agent, 'STRIPE_KEI'))).hint).toContain('STRIPE_KEY');
    expect((await refusalOf(owner.secrets.get(agent, 'NOTHING_LIKE_IT'))).hint).not.toContain('Close to it');
  });

  it('R-267 R-269 a missing agent is told by its slug, with close ones to who may list them', async () => {
    const slug = await newAgent({ slug: 'support-bot' });
    const missing = await refusalOf(holder.start({ agent: 'suport-bot' }));
    expect(missing).toMatchObject({ code: 'agent_not_found' });
    expect(missing.message).toContain('suport-bot');
    expect(missing.hint).toContain(`Close to it: ${slug}`);
    const { key } = await owner.keys.create({ agent: slug, rights: ['run'], environments: ['staging'] });
    const starter = callerOf(server.url, key);
    const unseen = await refusalOf(starter.start({ agent: 'suport-bot' }));
    expect(unseen.message).toBe(missing.message);
    expect(unseen.hint).not.toContain(slug);
    const pasted = await refusalOf(owner.start({ agent: 'sk_live_Pasted' }));
    expect(JSON.stringify([pasted.message, pasted.hint])).not.toContain('Pasted');
  });

  it('R-267 who may not start an agent hears which agent and environment that were, also by default', async () => {
    const agent = await newAgent();
    const refused = await refusalOf(member.start({ agent }));
    expect(refused.message).toBe(`This caller may not start agent ${agent} in development.`);
  });

  it('R-267 a refusal names the agent that was named, and not the one of a secret that was', async () => {
    const agent = await newAgent();
    const { id } = await owner.secrets.create(agent, 'KEY', 'some-value');
    const refused = await refusalOf(member.secrets.set(agent, 'KEY', 'another-value'));
    expect(refused.message).toBe(`This caller may not do this (agent_secret.write, agent ${agent}).`);
    const byId = await refusalOf(member.secrets.get({ id }));
    expect(byId.message).toBe('This caller may not do this (agent_secret.read).');
  });

  it('R-076 R-267 a key of some environments hears which they are, and to name one', async () => {
    const agent = await newAgent();
    const rights = ['write', 'run', 'admin'] as const;
    const { key } = await owner.keys.create({ agent, rights: [...rights], environments: ['staging'] });
    const narrow = callerOf(server.url, key);
    const refused = await refusalOf(narrow.secrets.set(agent, 'KEY', 'some-value'));
    expect(refused).toMatchObject({
      code: 'forbidden',
      message: 'This key may not do this (agent_secret.write) in every environment: it is for staging alone.',
      hint: 'Name an environment of the key: --env staging',
    });
    const elsewhere = await refusalOf(narrow.start({ agent }));
    expect(elsewhere).toMatchObject({ code: 'run_forbidden', hint: refused.hint });
    expect(elsewhere.message).toContain('in development: it is for staging alone');
    const whole = await refusalOf(narrow.agents.delete(agent));
    expect(whole.hint).toContain('key of all environments');
    await narrow.secrets.set(agent, 'KEY', 'some-value', { environment: 'staging' });
  });

  it('R-270 a missing secret names the scope searched and the command that creates it', async () => {
    const agent = await newAgent();
    const places = [
      { place: agent, words: `agent ${agent}`, command: `coffer secrets create ${agent} KEY` },
      { place: { project: 'default' }, words: 'project default', command: 'create --project default KEY' },
      {
        place: { organization: true as const },
        words: 'the organization',
        command: 'coffer secrets create KEY',
      },
    ];
    for (const { place, words, command } of places) {
      const missing = await refusalOf(owner.secrets.update(place, 'KEY', { description: 'absent' }));
      expect(missing.message).toContain(words);
      expect(missing.hint).toContain(command);
    }
  });

  it('R-270 a deleted secret is told to be restorable', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'KEY', 'some-value');
    await owner.secrets.delete(agent, 'KEY');
    const missing = await refusalOf(owner.secrets.get(agent, 'KEY'));
    expect(missing.hint).toContain(`coffer secrets restore ${agent} KEY`);
  });

  it('R-271 no value for the environment names those that have one and the command that adds it', async () => {
    const agent = await newAgent();
    await owner.secrets.create(agent, 'KEY', { staging: 'some-value', production: 'another-value' });
    const refused = await refusalOf(owner.start({ agent }));
    expect(refused.errors[0]?.detail).toContain('production, staging');
    expect(refused.hint).toContain(`coffer secrets set ${agent} KEY --env development`);
  });

  it('R-088 a query or a field that a route does not know, or that is sent twice, is refused by its place and never repeated', async () => {
    const planted = 'planted-value-Xk29';
    const open = (Object.values(routes) as Route[]).filter(
      ({ access }) => !('callers' in access) || access.callers.includes('person'),
    );
    expect(open.length).toBeGreaterThan(50);
    for (const { id, method, path, body } of open) {
      const url = `/v1${path.replace('{organization}', 'default').replaceAll(/\{[a-z]+\}/g, '1')}?${planted}=${planted}`;
      const refused = await owner.ask(method.toUpperCase(), url, body === undefined ? {} : { body: {} });
      expect(refused, id).toMatchObject({ status: 400, code: 'request_invalid' });
      expect(JSON.parse(refused.text), id).toMatchObject({ errors: [{ path: 'query' }] });
      expect(refused.text).not.toContain(planted);
    }
    const agent = await newAgent();
    const url = `/v1/agents/${agent}/secrets/KEY`;
    for (const body of [`{"value":"${planted}","value":"b"}`, `{"value":"b","${planted}":"b"}`]) {
      const refused = await owner.ask('PUT', url, { body });
      expect(refused).toMatchObject({ status: 400, code: 'request_invalid' });
      expect(JSON.parse(refused.text)).toMatchObject({ errors: [{ path: 'body' }] });
      expect(refused.text).not.toContain(planted);
    }
    expect(await owner.ask('GET', '/v1/whoami?')).toMatchObject({ status: 200 });
  });

  it('R-088 a query parameter that is given twice, or is named like a part of every object, is refused too', async () => {
    const twice = ['limit=1&limit=1', 'limit=1&%6Cimit=2', 'limit=1&limit'];
    for (const query of twice) {
      const refused = await owner.ask('GET', `/v1/agents?${query}`);
      expect(refused, query).toMatchObject({ status: 400, code: 'request_invalid' });
      expect(JSON.parse(refused.text), query).toMatchObject({
        errors: [{ path: 'query', detail: 'holds a field twice' }],
      });
    }
    for (const name of ['__proto__', 'constructor', 'toString', '%74oString'])
      for (const path of ['/v1/whoami', '/v1/agents'])
        expect(await owner.ask('GET', `${path}?${name}=1`), `${path} ${name}`).toMatchObject({
          status: 400,
          code: 'request_invalid',
        });
    expect(await owner.ask('GET', '/v1/agents?limit=1')).toMatchObject({ status: 200 });
  });

  it('an unknown path, a wrong method and an organization of others answer as errors of the table', async () => {
    expect(await owner.ask('GET', '/v1/nothing')).toMatchObject({ status: 404, code: 'not_found' });
    const method = await owner.ask('DELETE', '/v1/whoami');
    expect(method).toMatchObject({ status: 405, code: 'method_not_allowed' });
    expect(method.headers.get('allow')).toBe('GET');
    const other = await owner.ask('GET', '/v1/organizations/nowhere/agents');
    expect(other).toMatchObject({ status: 404, code: 'organization_not_found' });
  });

  it('an answer is never framed, sniffed, cached or shared with another origin', async () => {
    for (const path of ['/v1/whoami', '/v1/nothing', '/healthz']) {
      const { headers } = await owner.ask('GET', path, { headers: { origin: 'https://evil.example.com' } });
      expect(headers.get('access-control-allow-origin')).toBeNull();
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('cache-control')).toBe('no-store');
    }
  });

  it('only health, the API’s description, docs and sign-in answer without a credential', async () => {
    for (const path of ['/healthz', '/readyz', '/v1/openapi.json', '/docs'])
      expect((await ask(`${server.url}${path}`, { method: 'GET' })).status).toBe(200);
    expect((await ask(`${server.url}/metrics`, { method: 'GET' })).status).toBe(404);
  });
});

it.each(['/healthz', '/readyz', '/v1/openapi.json', '/docs', '/v1/whoami', '/nowhere'])(
  'R-219 the answer of %s has a request id of its own',
  async (path) => {
    const ids = [await owner.ask('GET', path), await owner.ask('GET', path)].map(({ headers }) =>
      headers.get('x-request-id'),
    );
    for (const id of ids) expect(id).toMatch(/^req_[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(ids[0]).not.toBe(ids[1]);
  },
);
