import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { routes, type Route } from '@coffer/contract';
import { runCoffer, type Ran } from '@coffer/testkit';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { findPlanted, plantValues } from './planted-forms.ts';
import { createPlaces, engineNames, openPlace, stopServer } from './reliability/place.ts';

vi.setConfig({ testTimeout: 180_000 });
const places = createPlaces();
afterAll(() => places.removeAll());

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

/** Bodies that say a value in every place where a request can hold one, right and wrong. */
const bodiesWith = (value: string): readonly string[] => {
  const json = JSON.stringify(value);
  return [
    `{"value":${json}}`,
    `{"name":"PLANTED_NAME","value":${json}}`,
    `{"values":{"development":${json}}}`,
    `{"name":"PLANTED_VALUES","values":{"*":${json},"staging":${json}}}`,
    `{"entries":[{"name":"PLANTED_ENTRY","value":${json}}]}`,
    `{"value":${json}`,
    `{"value":[${json}]}`,
    `{"value":{"deep":${json}}}`,
    `{"unknown":${json}}`,
    `{${json}:${json}}`,
    `{"values":{${json}:${json}}}`,
    `{"entries":${json}}`,
    `{"entries":[{"name":1,"value":${json}}]}`,
    `{"value":${json},"kind":${json},"exposure":${json},"allowedHosts":[${json}],"expiresAt":${json}}`,
    `{"slug":${json},"email":${json},"role":${json},"rights":${json},"target":${json},"answer":${json}}`,
    json,
    `[${json}]`,
    value,
  ];
};

/** One credential of everything: what a path's parameters stand for here. */
const parameters: Readonly<Record<string, string>> = {
  agent: 'bot',
  project: 'default',
  name: 'TOKEN',
  secret: 'sec_none',
  environment: 'development',
  version: '1',
};

const pathOf = ({ path }: Route): string =>
  `/v1${path.replaceAll(/\{([a-z]+)\}/g, (_, name: string) => parameters[name] ?? 'none')}`;

const isDelivery = (route: Route): boolean => route.id === 'startWorkload';
/** They would end what the rest of the test needs. */
const leftOut: ReadonlySet<string> = new Set(['logout', 'watchWorkload', 'deleteAgent', 'deleteProject']);

it('the search finds every planted value in plain sight and in its encodings', () => {
  const planted = plantValues();
  for (const { value } of planted) {
    const bytes = Buffer.from(value);
    for (const shown of [
      value,
      encodeURIComponent(value),
      JSON.stringify(value),
      bytes.toString('hex'),
      bytes.toString('base64'),
      bytes.toString('base64url'),
      Buffer.from(`x${value}`).toString('base64'),
      Buffer.from(`xy${value}z`).toString('base64url'),
    ]) {
      expect(findPlanted(shown, planted)).not.toEqual([]);
    }
  }
});

describe.each(engineNames)('R-088 R-091 R-256 a planted value on %s', (engine) => {
  it('is found nowhere but in the delivery of a start', async () => {
    const place = await places.create(engine);
    const metrics = `127.0.0.1:${await freePort()}`;
    const settings = { ...place.settings, 'metrics-listen': metrics };
    const { server, owner } = await openPlace({ settings }, { COFFER_LOG_LEVEL: 'trace' });
    await owner.agents.create({ slug: 'bot' });
    const planted = plantValues();
    const seen: string[] = [];
    const ask = async (
      method: string,
      path: string,
      request: { body?: string; type?: string; keyed?: boolean } = {},
    ): Promise<void> => {
      const { body, type = 'application/json', keyed = true } = request;
      const answer = await owner.ask(method, path, {
        ...(body !== undefined && {
          body,
          headers: { 'content-type': type, ...(keyed && { 'idempotency-key': `k${seen.length}` }) },
        }),
      });
      seen.push(`${answer.status} ${JSON.stringify([...answer.headers])} ${answer.text}`);
      expect(answer.status, `${method} ${path}`).toBeLessThan(500);
    };
    const expectNotIn = (what: string, bytes: Buffer | string): void => {
      expect({ what, found: findPlanted(bytes, planted) }).toEqual({ what, found: [] });
    };

    for (const [index, { value }] of planted.entries()) {
      await owner.secrets.set('bot', `KEPT_${index}`, value, { description: 'kept for the search' });
    }
    const all: readonly Route[] = Object.values(routes);
    for (const route of all.filter(({ id }) => !leftOut.has(id))) {
      const [method, path] = [route.method.toUpperCase(), pathOf(route)];
      const keyed = route.headers?.includes('Idempotency-Key') === true;
      for (const { value } of planted) {
        if (route.body === undefined) {
          await ask(method, `${path}?${encodeURIComponent(value)}=${encodeURIComponent(value)}`);
          continue;
        }
        for (const body of bodiesWith(value)) await ask(method, path, { body, keyed });
        await ask(method, path, { body: bodiesWith(value)[0] ?? '', type: 'text/plain', keyed });
      }
      if (route.body === undefined && !isDelivery(route)) await ask(method, path);
    }
    const first = planted[0]?.value ?? '';
    await ask('PUT', '/v1/agents/bot/secrets/LARGE', {
      body: JSON.stringify({ value: first.repeat(20_000) }),
    });
    await ask('PUT', '/v1/agents/bot/secrets/LARGE', {
      body: JSON.stringify({ value: first.repeat(300_000) }),
    });
    for (const collection of [
      'agents/bot/secrets',
      'agents/bot/secrets/KEPT_0/versions',
      'audit',
      'workloads',
    ]) {
      await ask('GET', `/v1/${collection}?limit=100`);
    }
    for await (const event of owner.audit.listAll()) seen.push(JSON.stringify(event));
    const delivered = await owner.deliver('bot', 'development');
    for (const [index, { value }] of planted.entries())
      expect(delivered[`KEPT_${index}`] === value).toBe(true);

    expectNotIn('answers', seen.join('\n'));
    expectNotIn('metrics', await (await fetch(`http://${metrics}/metrics`)).text());
    const backup = join(place.folder, 'backup');
    for (const words of [[], ['--portable']]) {
      const file = `${backup}${words.join('')}`;
      await runCoffer(['server', 'backup', ...words, file], { settings: place.settings });
      expectNotIn(file, readFileSync(file));
    }
    const databaseFiles = ['coffer.db', 'coffer.db-wal'].map((name) =>
      join(place.settings['data-dir'] ?? '', name),
    );
    for (const file of databaseFiles) if (existsSync(file)) expectNotIn(file, readFileSync(file));
    await stopServer(server);
    for (const file of databaseFiles) if (existsSync(file)) expectNotIn(file, readFileSync(file));
    expectNotIn('log', server.stderr());
    expectNotIn('heads', readFileSync(`${place.settings['root-key-file'] ?? ''}.audit-heads.json`));
  });

  it('is said by no command, whether it succeeds or fails', async () => {
    const place = await places.create(engine);
    const { server, owner } = await openPlace(place, { COFFER_LOG_LEVEL: 'trace' });
    await owner.agents.create({ slug: 'bot' });
    const planted = plantValues();
    const environment = { COFFER_URL: server.url, COFFER_API_KEY: owner.token };
    const file = join(place.folder, 'planted.env');
    writeFileSync(
      file,
      planted.map(({ value }, index) => `FILE_${index}=${JSON.stringify(value)}`).join('\n'),
    );
    const broken = join(place.folder, 'broken.env');
    writeFileSync(broken, planted.map(({ value }) => `not a name ${value}`).join('\n'));
    const example = join(place.folder, '.env.example');
    const first = planted[0]?.value ?? '';
    const run = async (words: readonly string[], input?: string): Promise<Ran> => {
      const ran = await runCoffer(words, { environment, ...(input !== undefined && { input }) });
      const found = findPlanted(`${ran.stdout}\n${ran.stderr}`, planted);
      expect({ words: words.filter((word) => word !== first), found }).toMatchObject({ found: [] });
      return ran;
    };
    for (const [index, { value }] of planted.entries()) {
      const set = await run(['secrets', 'set', 'bot', `KEY_${index}`, '--value-file', '-', '--json'], value);
      expect(set.status).toBe(0);
    }
    for (const words of [
      ['secrets', 'create', 'bot', 'KEY_0', '--value-file', '-'],
      ['secrets', 'set', 'bot', 'not-a-name', '--value-file', '-'],
      ['secrets', 'set', 'nobody', 'KEY_0', '--value-file', '-'],
    ])
      await run(words, first);
    for (const words of [
      ['secrets', 'set', 'bot', 'KEY_0', `--vaule=${first}`],
      ['secrets', 'set', 'bot', 'KEY_0', '--value', first, '--expires', first],
      ['secrets', 'import', 'bot', '--file', file],
      ['secrets', 'import', 'bot', '--file', file, '--overwrite', '--json'],
      ['secrets', 'import', 'bot', '--file', broken],
      ['secrets', 'list', 'bot', '--json'],
      ['secrets', 'get', 'bot', 'KEY_0', '--json'],
      ['secrets', 'history', 'bot', 'KEY_0', '--json'],
      ['secrets', 'example', 'bot', '--file', example],
      ['audit', 'list', '--json'],
      ['run', '--agent', 'bot', '--env', 'development', '--preview'],
    ])
      await run(words);
    expect(findPlanted(readFileSync(example, 'utf8'), planted)).toEqual([]);
    const masked = await run(['run', '--agent', 'bot', '--env', 'development', '--', 'printenv', 'KEY_0']);
    expect(masked).toMatchObject({ status: 0, stdout: '[masked:FILE_0,KEY_0]\n' });
    await stopServer(server);
    await run(['secrets', 'set', 'bot', 'KEY_0', '--value-file', '-'], first);
    expect(findPlanted(server.stderr(), planted)).toEqual([]);
  });
});
