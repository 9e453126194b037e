import { mkdtempSync, rmSync } from 'node:fs';
import { lookup } from 'node:dns/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCoffer, startServer, startUnreliableProxy, type TestServer } from '@coffer/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refuseRelay } from './refuse-relay.ts';

let home = '';
let server: TestServer;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'coffer-relay-'));
  server = await startServer();
});
afterAll(async () => {
  await server.close();
  rmSync(home, { recursive: true });
});

const logIn = (url: string, words: readonly string[] = []) =>
  runCoffer(['login', '--local', ...words], {
    environment: { HOME: home, XDG_CONFIG_HOME: home, COFFER_URL: url },
  });

describe('a local login', () => {
  it('that another program relays to the server is refused before the answer is sent', async () => {
    const relay = await startUnreliableProxy(server.url);
    try {
      for (const words of [[], ['--data-dir', server.dataDir]]) {
        const { status, stderr } = await logIn(relay.url, words);
        expect(status).toBe(2);
        expect(stderr).toContain(`COFFER_URL=${server.url}`);
      }
      expect(relay.answered).toEqual([
        'POST /v1/login/local/challenge 201',
        'POST /v1/login/local/challenge 201',
      ]);
    } finally {
      await relay.close();
    }
  });

  it('is taken where the server listens', async () => {
    expect(await logIn(server.url)).toMatchObject({ status: 0 });
  });

  it.each(['127.0.0.1', '0.0.0.0', 'localhost'])('is taken where a server listens on %s', async (host) => {
    const other = await startServer({ settings: { listen: `${host}:0`, 'insecure-http': '' } });
    try {
      expect(await logIn(other.url.replace('0.0.0.0', '127.0.0.1'))).toMatchObject({ status: 0 });
    } finally {
      await other.close();
    }
  });
});

describe('where the answer to a challenge may go', () => {
  it.each([
    ['http://127.0.0.1:7373', 'http://127.0.0.1:7373'],
    ['http://127.0.0.1:7373/coffer', 'http://0.0.0.0:7373'],
    ['http://127.0.0.9:7373', 'http://[::]:7373'],
    ['http://localhost:7373', 'http://[::]:7373'],
    ['http://[::1]:7373', 'http://[::1]:7373'],
    ['https://coffer.example.com', 'http://127.0.0.1:7373'],
  ])('%s is the server that listens on %s', async (asked, listened) => {
    await expect(refuseRelay(asked, listened)).resolves.toBeUndefined();
  });

  it.each([
    ['http://127.0.0.1:7374', 'http://127.0.0.1:7373', 'http://127.0.0.1:7373'],
    ['http://127.0.0.2:7373', 'http://127.0.0.1:7373', 'http://127.0.0.1:7373'],
    ['http://[::1]:7373', 'http://0.0.0.0:7373', 'http://127.0.0.1:7373'],
    ['http://127.0.0.1:7374', 'http://[::]:7373', 'http://[::1]:7373'],
    ['http://127.0.0.1:7373', 'https://coffer.example.com:7373', 'https://coffer.example.com:7373'],
  ])('%s may be another than the server that listens on %s', async (asked, listened, named) => {
    await expect(refuseRelay(asked, listened)).rejects.toMatchObject({
      code: 'usage_error',
      hint: expect.stringContaining(`COFFER_URL=${named}`) as string,
    });
  });

  it('localhost is taken where all of its addresses are the server’s', async () => {
    const addresses = (await lookup('localhost', { all: true })).map(({ address }) => address);
    const asked = refuseRelay('http://localhost:7373', 'http://127.0.0.1:7373');
    if (addresses.every((address) => address === '127.0.0.1')) await asked;
    else await expect(asked).rejects.toMatchObject({ code: 'usage_error' });
  });
});
