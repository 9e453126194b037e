import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from './client.ts';

const folder = mkdtempSync(join(tmpdir(), 'coffer-tls-'));
const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
execFileSync(
  'openssl',
  ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-keyout', key, '-out', cert, ...subject],
  {
    stdio: 'ignore',
  },
);
const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) =>
  response.end('{}'),
);
beforeAll(() => new Promise<void>((resolve) => void server.listen(0, 'localhost', resolve)));
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

describe('a server whose certificate is signed by itself', () => {
  it.each([
    ['node:https', {}],
    ['fetch', { fetch: globalThis.fetch }],
  ])('R-313 is refused by %s with a hint where its certificate is named', async (_, options) => {
    const { port } = server.address() as AddressInfo;
    const client = createClient({ baseUrl: `https://localhost:${port}`, apiKey: 'cfr_key_x', ...options });
    await expect(client.whoami()).rejects.toMatchObject({
      code: 'server_unreachable',
      hint: expect.stringContaining('NODE_EXTRA_CA_CERTS') as string,
    });
  });
});
