import { readConfig } from '@coffer/server';
import { callerOf, startServer } from '@coffer/testkit';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { TLSSocket } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';

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

  const names = ['cert', 'key'].map((name) => join(folder, `${name}.pem`));
  const [cert = '', key = ''] = names;
  /** Makes a certificate for this name, in the place of the one that is there. */
  const makeCertificate = (name: string): void => {
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
    const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'];
    const words = [
      'req',
      '-x509',
      ...curve,
      '-nodes',
      '-days',
      '1',
      '-keyout',
      key,
      '-out',
      cert,
      ...subject,
    ];
    execFileSync('openssl', words, { stdio: 'ignore' });
  };
  /** Who answers, and with which status. */
  const look = (url: string) =>
    new Promise<{ name: string; status: number | undefined }>((resolve, reject) => {
      request(`${url}/healthz`, { rejectUnauthorized: false, agent: false }, (response) => {
        response.resume();
        const { socket, statusCode: status } = response;
        const name = socket instanceof TLSSocket ? String(socket.getPeerCertificate().subject.CN) : 'nobody';
        resolve({ name, status });
      })
        .on('error', reject)
        .end();
    });

  it('R-313 with certificate and key it speaks HTTPS, and takes new ones when the files change', async () => {
    makeCertificate('first');
    const server = await startServer({ settings: { 'tls-cert': cert, 'tls-key': key }, login: false });
    expect(server.url).toMatch(/^https:/);
    expect(await look(server.url)).toEqual({ name: 'first', status: 200 });
    writeFileSync(cert, 'half a certificate');
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await look(server.url)).toEqual({ name: 'first', status: 200 });
    makeCertificate('second');
    await vi.waitFor(async () => expect(await look(server.url)).toEqual({ name: 'second', status: 200 }), {
      timeout: 5000,
      interval: 100,
    });
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
