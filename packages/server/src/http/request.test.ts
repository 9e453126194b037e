import { createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { CofferError } from '@coffer/contract';
import { Hono } from 'hono';
import { afterAll, describe, expect, it } from 'vitest';
import { clientAddress, readBody, valuesSent } from './request.ts';

const maxBytes = 100;
const app = new Hono()
  .get('/address', (context) => context.json(clientAddress(context, false)))
  .get('/proxied', (context) => context.json(clientAddress(context, true)))
  .post('/body', async (context) => {
    try {
      return context.json({ text: await readBody(context, maxBytes) });
    } catch (error) {
      return context.json({ code: error instanceof CofferError ? error.code : 'not ours' });
    }
  });
const listener = getRequestListener(app.fetch.bind(app));
const server = createServer((incoming, outgoing) => void listener(incoming, outgoing));
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
afterAll(() => new Promise((resolve) => server.close(resolve)));

const get = async (path: string, headers: Record<string, string> = {}) =>
  await (await fetch(`http://127.0.0.1:${port}${path}`, { headers })).json();
/** A body in pieces without a declared length, or in one piece with it. */
const post = (pieces: readonly (string | Buffer)[], headers: Record<string, string>): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const asked = request(
      { port, host: '127.0.0.1', path: '/body', method: 'POST', headers },
      (answer: IncomingMessage) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => (text += part));
        answer.on('end', () => resolve(JSON.parse(text)));
      },
    );
    asked.on('error', reject);
    for (const piece of pieces) asked.write(piece);
    asked.end();
  });
const json = { 'content-type': 'application/json' };

describe('the caller’s address', () => {
  it('is the connection’s, whatever a header says', async () => {
    expect(await get('/address', { 'x-forwarded-for': '203.0.113.9' })).toBe('127.0.0.1');
  });

  it('R-313 is the last hop a trusted proxy tells, else the connection’s', async () => {
    expect(await get('/proxied', { 'x-forwarded-for': '198.51.100.1, 203.0.113.9' })).toBe('203.0.113.9');
    expect(await get('/proxied')).toBe('127.0.0.1');
    expect(await get('/proxied', { 'x-forwarded-for': '198.51.100.1, ' })).toBe('127.0.0.1');
    expect(await get('/proxied', { 'x-forwarded-for': '203.0.113.9:4711' })).toBe('203.0.113.9');
    expect(await get('/proxied', { 'x-forwarded-for': '[2001:db8::1]:4711' })).toBe('2001:db8::1');
    expect(await get('/proxied', { 'x-forwarded-for': '2001:db8::1' })).toBe('2001:db8::1');
    expect(await get('/proxied', { 'x-forwarded-for': 'x'.repeat(500) })).toBe('unknown (forwarded)');
  });

  it('R-258 that is told is never of this host', async () => {
    for (const told of ['127.0.0.1', '127.9.1.2:80', '::1', '[::1]:80', '::ffff:127.0.0.1'])
      expect(await get('/proxied', { 'x-forwarded-for': told })).toMatch(/ \(forwarded\)$/);
    expect(await get('/proxied', { 'x-forwarded-for': '127.<script>' })).toBe('unknown (forwarded)');
  });
});

describe('a body', () => {
  it('is read as UTF-8 text, also where a character is split between two pieces', async () => {
    const bytes = Buffer.from('{"value":"žluť"}');
    const pieces = [bytes.subarray(0, 11).toString('latin1'), bytes.subarray(11).toString('latin1')];
    const text = await new Promise((resolve, reject) => {
      const asked = request(
        { port, host: '127.0.0.1', path: '/body', method: 'POST', headers: json },
        (answer) => {
          let said = '';
          answer.setEncoding('utf8').on('data', (part: string) => (said += part));
          answer.on('end', () => resolve(JSON.parse(said)));
        },
      );
      asked.on('error', reject);
      for (const piece of pieces) asked.write(Buffer.from(piece, 'latin1'));
      asked.end();
    });
    expect(text).toEqual({ text: '{"value":"žluť"}' });
  });

  it('R-026 R-253 that is not UTF-8 is refused, declared or not', async () => {
    const bytes = Buffer.from('7b2276223a22ff227d', 'hex');
    const refused = { code: 'request_invalid' };
    expect(await post([bytes], { ...json, 'content-length': String(bytes.length) })).toEqual(refused);
    expect(await post([bytes.subarray(0, 3), bytes.subarray(3)], json)).toEqual(refused);
    const cut = Buffer.from('"ž"').subarray(0, 2);
    expect(await post([cut], json)).toEqual(refused);
  });

  it.each([
    ['application/json', true],
    ['Application/JSON; charset=UTF-8', true],
    ['application/json; charset=latin1', false],
    ['application/jsonp', false],
    ['text/plain', false],
    ['', false],
  ])('of type %j is taken: %s', async (type, taken) => {
    const answer = await post(['{}'], type === '' ? {} : { 'content-type': type });
    expect(answer).toEqual(taken ? { text: '{}' } : { code: 'unsupported_media_type' });
  });

  it('is refused past the limit, declared or not, and taken up to it', async () => {
    const exact = 'x'.repeat(maxBytes);
    const sized = (text: string) => ({ ...json, 'content-length': String(text.length) });
    expect(await post([exact], sized(exact))).toEqual({ text: exact });
    expect(await post([exact], json)).toEqual({ text: exact });
    expect(await post([`${exact}x`], sized(`${exact}x`))).toEqual({ code: 'payload_too_large' });
    expect(await post([exact, 'x'], json)).toEqual({ code: 'payload_too_large' });
  });
});

describe('what a log line must not repeat (R-088)', () => {
  it('R-088 is the body, every text in it and the credential', () => {
    const body = JSON.stringify({
      value: 'one',
      values: { staging: 'two' },
      entries: [{ name: 'N', value: 'three' }],
      n: 4,
    });
    const sent = valuesSent(body, 'Bearer cfr_key_four');
    for (const text of [body, 'one', 'two', 'three', 'N', 'cfr_key_four']) expect(sent).toContain(text);
  });

  it('R-088 is the body as it came where it is not JSON', () => {
    expect(valuesSent('not json', undefined)).toContain('not json');
    expect(valuesSent(undefined, undefined).every((text) => text === '')).toBe(true);
  });
});
