import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@coffer/sdk';
import { startCoffer, startServer, type TestServer } from '@coffer/testkit';
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

const run = async () => {
  const script = 'echo "key=$STRIPE_API_KEY brokered=${BROKERED-absent}"';
  const words = ['run', '--agent', 'bot', '--env', 'development', '--', 'sh', '-c', script];
  return startCoffer(words, { environment }).ended;
};

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
    const trail = await owner().audit.list({ action: 'workload.start_offline' });
    expect(trail.items).toHaveLength(1);
    expect(trail.items[0]?.secrets.map(({ name }) => name)).toContain('STRIPE_API_KEY');
  });

  it('forgets what was kept once the key may not start any more', async () => {
    const [key] = (await owner().keys.list()).items;
    await owner().keys.revoke(key?.id ?? '');
    expect((await run()).status).toBe(125);
    await server.server.close();
    const offline = await run();
    expect(offline.status).toBe(125);
    expect(offline.stderr).toContain('server_unreachable');
    server = await server.restart();
  });
});
