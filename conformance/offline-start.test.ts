import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@coffer/sdk';
import { startCoffer, startServer, startUnreliableProxy, type TestServer } from '@coffer/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const value = 'sk_test_kept-for-a-start-without-the-server';

const findPort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
};

let server: TestServer;
let cache: string;
let environment: Record<string, string>;
const owner = () => createClient({ baseUrl: server.url, token: server.ownerToken });

beforeAll(async () => {
  server = await startServer({ settings: { listen: `127.0.0.1:${await findPort()}` } });
  cache = mkdtempSync(join(tmpdir(), 'coffer-cache-'));
  await owner().agents.create({ slug: 'bot' });
  await owner().secrets.set('bot', 'STRIPE_API_KEY', value);
  await owner().secrets.set('bot', 'BROKERED', 'sk_live_never-kept-anywhere-at-all', { exposure: 'broker' });
  const { key } = await owner().keys.create({ agent: 'bot', rights: ['run'], environments: ['development'] });
  environment = { COFFER_URL: server.url, COFFER_API_KEY: key, XDG_CACHE_HOME: cache };
});

afterAll(async () => {
  await server.close();
  rmSync(cache, { recursive: true, force: true });
});

const run = async (changes: Record<string, string> = {}, { words: more = [] as string[] } = {}) => {
  const script = 'echo "key=$STRIPE_API_KEY brokered=${BROKERED-absent}"';
  const words = ['run', '--agent', 'bot', '--env', 'development', ...more, '--', 'sh', '-c', script];
  return startCoffer(words, { environment: { ...environment, ...changes } }).ended;
};
const listReported = async () => (await owner().audit.list({ action: 'workload.start_offline' })).items;

describe('a start without the server (R-311)', () => {
  it('is off by default: nothing is kept, and the start fails', async () => {
    expect((await run()).status).toBe(0);
    expect(existsSync(join(cache, 'coffer', 'offline'))).toBe(false);
  });

  it('keeps a delivery encrypted where policy says so, starts with it, says its age, and reports it later', async () => {
    await owner().policy.set('offline_start', 2);
    expect((await run()).stdout).toContain('key=[masked:STRIPE_API_KEY] brokered=sk_live_');
    const folder = join(cache, 'coffer', 'offline');
    const [file = ''] = readdirSync(folder);
    expect(Buffer.from(readFileSync(join(folder, file), 'utf8'), 'base64').includes(value)).toBe(false);
    await server.server.close();
    const offline = await run();
    expect(offline.status).toBe(0);
    expect(offline.stdout).toContain('key=[masked:STRIPE_API_KEY] brokered=absent');
    expect(offline.stderr).toContain('the server cannot be reached; starting with what it delivered');
    server = await server.restart();
    expect((await run()).status).toBe(0);
    const reported = await listReported();
    expect(reported).toHaveLength(1);
    expect(reported[0]?.secrets.map(({ name }) => name)).toContain('STRIPE_API_KEY');
  });

  it('starts all the same where nothing can be kept, and says why', async () => {
    const started = await run({ XDG_CACHE_HOME: '/dev/null/cache' });
    expect(started.status).toBe(0);
    expect(started.stderr).toContain('cannot keep this delivery for offline starts (ENOTDIR)');
  });

  it('reports each of many at the same time, once, also where many starts report them', async () => {
    const before = (await listReported()).length;
    await server.server.close();
    const offline = await Promise.all(Array.from({ length: 6 }, () => run()));
    expect(offline.map(({ status }) => status)).toEqual([0, 0, 0, 0, 0, 0]);
    server = await server.restart();
    await Promise.all([run(), run(), run()]);
    await run();
    expect((await listReported()).length - before).toBe(6);
  });

  it('is reported at a later start where the report fails, which does not fail a start', async () => {
    const before = (await listReported()).length;
    const proxy = await startUnreliableProxy(server.url);
    try {
      const way = { COFFER_URL: proxy.url };
      expect((await run(way)).status).toBe(0);
      proxy.rule(/./, 'cut');
      expect((await run(way)).stderr).toContain('starting with what it delivered');
      proxy.rule(/./, 'pass');
      proxy.rule(/offline$/, { status: 503 });
      const granted = await run(way);
      expect(granted.status).toBe(0);
      expect(granted.stderr).toContain('is not reported yet');
      proxy.rule(/offline$/, 'pass');
      expect((await run(way)).stderr).not.toContain('reported');
    } finally {
      await proxy.close();
    }
    expect((await listReported()).length - before).toBe(1);
  });

  it('fails no later start where a restore has lost the delivery it used, and is dropped then', async () => {
    const backup = join(cache, 'backup');
    await server.server.close();
    cpSync(server.dataDir, backup, { recursive: true });
    server = await server.restart();
    expect((await run()).status).toBe(0);
    await server.server.close();
    expect((await run()).stderr).toContain('starting with what it delivered');
    rmSync(server.dataDir, { recursive: true });
    cpSync(backup, server.dataDir, { recursive: true });
    server = await server.restart();
    const granted = await run();
    expect(granted.status).toBe(0);
    expect(granted.stderr).toContain('the server does not take the report of an offline start');
    expect((await run()).stderr).not.toContain('offline start');
  });

  it('forgets what was kept once the key may not start any more, for every command line', async () => {
    const only = { words: ['--only', 'STRIPE_API_KEY'] };
    expect((await run({}, only)).status).toBe(0);
    const [key] = (await owner().keys.list()).items;
    await owner().keys.revoke(key?.id ?? '');
    expect((await run()).status).toBe(125);
    await server.server.close();
    const offline = await run();
    expect(offline.status).toBe(125);
    expect(offline.stderr).toContain('server_unreachable');
    expect((await run({}, only)).stderr).toContain('server_unreachable');
    server = await server.restart();
  });
});
