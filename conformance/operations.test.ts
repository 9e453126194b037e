import { readConfig } from '@coffer/server';
import { callerOf, startServer } from '@coffer/testkit';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'coffer-tls-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('where the server listens (R-313)', () => {
  const configured = (flags: Parameters<typeof readConfig>[0]) => () => readConfig(flags, {});
  const refusal = expect.objectContaining({ code: 'usage_error' }) as Error;

  it('R-313 without TLS it listens on loopback only', () => {
    for (const listen of ['127.0.0.1:7373', 'localhost:7373', '[::1]:7373'])
      expect(configured({ listen })).not.toThrow();
    for (const listen of ['0.0.0.0:7373', '[::]:7373', '10.0.0.5:7373', 'coffer.example.com:7373'])
      expect(configured({ listen })).toThrow(refusal);
  });

  it('R-313 it listens elsewhere behind a trusted proxy, or where it is told to', () => {
    const listen = '0.0.0.0:7373';
    expect(configured({ listen, 'trusted-proxy': 'true' })).not.toThrow();
    expect(configured({ listen, 'insecure-http': 'true' })).not.toThrow();
    expect(configured({ listen, 'trusted-proxy': 'false' })).toThrow(refusal);
  });

  it('R-313 TLS needs both a certificate and a key', () => {
    expect(configured({ 'tls-cert': 'cert.pem' })).toThrow(refusal);
    expect(configured({ 'tls-key': 'key.pem' })).toThrow(refusal);
  });

  it('R-313 with certificate and key it speaks HTTPS', async () => {
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '1',
        '-keyout',
        key,
        '-out',
        cert,
        ...subject,
      ],
      { stdio: 'ignore' },
    );
    const server = await startServer({ settings: { 'tls-cert': cert, 'tls-key': key }, login: false });
    expect(server.url).toMatch(/^https:/);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      request(`${server.url}/healthz`, { rejectUnauthorized: false, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(200);
    await server.close();
  });

  it('R-258 R-313 behind a trusted proxy the trail names the caller’s own address, else the connection’s', async () => {
    for (const [settings, expected] of [
      [{ 'trusted-proxy': 'true' }, '203.0.113.9'],
      [{}, '127.0.0.1'],
    ] as const) {
      const server = await startServer({ settings });
      const owner = callerOf(server.url, server.ownerToken);
      const headers = { 'x-forwarded-for': '198.51.100.1, 203.0.113.9' };
      await owner.ask('POST', '/v1/projects', { body: { slug: 'seen' }, headers });
      const [event] = (await owner.audit.list({ action: 'project.create' })).items;
      expect(event?.address).toBe(expected);
      await server.close();
    }
  });
});
