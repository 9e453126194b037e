import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { CofferError } from '@coffer/contract/errors';
import { describe, expect, it } from 'vitest';
import { createClient } from './client.ts';
import { listenLocally } from './local-server.ts';

const apiKey = 'cfr_key_planted';
const planted = 'planted-value-4711';

async function failureOf(asked: Promise<unknown>): Promise<CofferError> {
  const failure = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (failure instanceof CofferError) return failure;
  throw new Error('did not fail with a CofferError');
}

const answer = (response: ServerResponse, status: number, body: string) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);

const senders = [
  { sender: 'node:http', options: {} },
  { sender: 'fetch', options: { fetch: globalThis.fetch } },
];

describe.each(senders)('a request sent with $sender', ({ options }) => {
  it('carries credential, condition, idempotency key and body', async () => {
    const seen: unknown[] = [];
    await using local = await listenLocally((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        const { authorization, 'if-match': ifMatch, 'idempotency-key': idempotencyKey } = request.headers;
        seen.push({ method: request.method, url: request.url, authorization, ifMatch, idempotencyKey });
        seen.push({ type: request.headers['content-type'], body: JSON.parse(body) as unknown });
        answer(response, 200, '{}');
      });
    });
    const client = createClient({ baseUrl: `${local.url}/coffer`, apiKey, ...options });
    await client.secrets.set('bot', 'KEY', 'grüße', { expectVersion: 0, idempotencyKey: 'once' });
    expect(seen).toEqual([
      {
        method: 'PUT',
        url: '/coffer/v1/agents/bot/secrets/KEY',
        authorization: `Bearer ${apiKey}`,
        ifMatch: '"0"',
        idempotencyKey: 'once',
      },
      { type: 'application/json', body: { value: 'grüße' } },
    ]);
  });

  it('R-218 turns a refusal into the one error class, with everything it says', async () => {
    await using local = await listenLocally((_, response) => {
      answer(
        response,
        422,
        JSON.stringify({
          type: 'about:blank',
          code: 'env_unresolved',
          title: 'The start could not be resolved',
          status: 422,
          detail: 'Two variables of support-bot cannot be resolved.',
          hint: 'Set them.',
          requestId: 'req_1',
          errors: [
            { code: 'no_value_for_environment', name: 'A', environment: 'production', detail: 'No value.' },
            { code: 'of_a_later_release', name: 'B', detail: 'Something new.', more: 1 },
            'not an item',
          ],
        }),
      );
    });
    const failure = await failureOf(createClient({ baseUrl: local.url, apiKey, ...options }).whoami());
    expect(failure).toMatchObject({
      code: 'env_unresolved',
      statusCode: 422,
      message: 'Two variables of support-bot cannot be resolved.',
      hint: 'Set them.',
      requestId: 'req_1',
      errors: [
        { code: 'no_value_for_environment', name: 'A', environment: 'production', detail: 'No value.' },
        { name: 'B', detail: 'Something new.' },
      ],
    });
  });

  it.each([
    { status: 401, code: 'not_authenticated' },
    { status: 403, code: 'forbidden' },
    { status: 404, code: 'not_found' },
    { status: 409, code: 'request_invalid' },
    { status: 429, code: 'rate_limited' },
    { status: 500, code: 'internal' },
    { status: 503, code: 'storage_unavailable' },
  ])('reads a code of a later release by its status $status: $code', async ({ status, code }) => {
    await using local = await listenLocally((_, response) => {
      answer(response, status, JSON.stringify({ code: 'of_a_later_release', detail: 'Something new.' }));
    });
    const failure = await failureOf(createClient({ baseUrl: local.url, ...options }).whoami());
    expect(failure).toMatchObject({ code, message: 'Something new.' });
  });

  it.each([
    { status: 200, body: `<html>${planted}</html>` },
    { status: 200, body: `{"value":"${planted}` },
    { status: 200, body: '' },
    { status: 404, body: `<html>${planted}</html>` },
    { status: 502, body: JSON.stringify({ value: planted }) },
    { status: 400, body: JSON.stringify([planted]) },
  ])(
    'says that $status with $body is no answer of Coffer, and repeats none of it',
    async ({ status, body }) => {
      await using local = await listenLocally((_, response) => answer(response, status, body));
      const failure = await failureOf(createClient({ baseUrl: local.url, apiKey, ...options }).whoami());
      expect(failure.code).toBe('server_unreachable');
      expect(failure.message).toContain(local.host);
      expect(inspect(failure, { depth: null })).not.toMatch(new RegExp(`${planted}|${apiKey}`));
    },
  );

  it.each([301, 302, 307, 308])(
    'follows no redirect (%i), so that the credential stays here',
    async (status) => {
      let visits = 0;
      await using elsewhere = await listenLocally((_, response) => {
        visits += 1;
        answer(response, 200, '{}');
      });
      await using local = await listenLocally((_, response) => {
        response.writeHead(status, { location: elsewhere.url }).end();
      });
      const failure = await failureOf(createClient({ baseUrl: local.url, apiKey, ...options }).whoami());
      expect(failure).toMatchObject({ code: 'server_unreachable' });
      expect(failure.message).toContain('a redirect');
      expect(visits).toBe(0);
    },
  );

  it('names the host, and nothing else, of a server that cannot be reached', async () => {
    const local = await listenLocally(() => undefined);
    await local[Symbol.asyncDispose]();
    const client = createClient({ baseUrl: `${local.url}/${planted}`, apiKey, ...options });
    const failure = await failureOf(client.secrets.set('bot', 'KEY', planted));
    expect(failure.code).toBe('server_unreachable');
    expect(failure.message).toBe(`${local.host} cannot be reached: nothing listens there.`);
    expect(inspect(failure, { depth: null })).not.toMatch(new RegExp(`${planted}|${apiKey}`));
  });

  it('gives up on a server that does not answer in time', async () => {
    await using local = await listenLocally(() => undefined);
    const client = createClient({ baseUrl: local.url, timeoutSeconds: 0.1, ...options });
    const failure = await failureOf(client.whoami());
    expect(failure.message).toBe(`${local.host} cannot be reached: no answer within 0.1 seconds.`);
  });

  it('gives up on an answer that begins and never ends', async () => {
    await using local = await listenLocally((_, response) => {
      response.writeHead(200).write('{"type":');
    });
    const client = createClient({ baseUrl: local.url, timeoutSeconds: 0.1, ...options });
    expect((await failureOf(client.whoami())).message).toContain('no answer within 0.1 seconds');
  });

  it('repeats a GET once whose connection was cut, and nothing else', async () => {
    const seen: (string | undefined)[] = [];
    await using local = await listenLocally((request, response) => {
      seen.push(request.method);
      if (seen.length === 2) answer(response, 200, '{"type":"key"}');
      else request.socket.resetAndDestroy();
    });
    const client = createClient({ baseUrl: local.url, ...options });
    expect(await client.whoami()).toEqual({ type: 'key' });
    expect(seen).toEqual(['GET', 'GET']);
    expect((await failureOf(client.agents.restart('bot'))).message).toContain('the connection was cut');
    expect(seen).toEqual(['GET', 'GET', 'POST']);
    expect((await failureOf(client.whoami())).code).toBe('server_unreachable');
    expect(seen).toEqual(['GET', 'GET', 'POST', 'GET', 'GET']);
  });

  it('keeps the bytes of a broken answer out of its error', async () => {
    await using local = await listenLocally((request) => {
      request.socket.end(`HTTP/1.1 200 OK\r\n${planted}\x00: broken\r\n\r\n`);
    });
    const failure = await failureOf(createClient({ baseUrl: local.url, apiKey, ...options }).whoami());
    expect(failure.code).toBe('server_unreachable');
    expect(inspect(failure, { depth: null, showHidden: true })).not.toContain(planted);
    expect(inspect(failure, { depth: null })).not.toContain(Buffer.from(planted).toString('hex').slice(0, 8));
  });
});

it.each(['', 'two words', 'line\nbreak', 'x'.repeat(256)])(
  'refuses the idempotency key "%s"',
  async (key) => {
    const asked = createClient().agents.create({ slug: 'bot' }, { idempotencyKey: key });
    expect((await failureOf(asked)).code).toBe('usage_error');
  },
);

it('asks for the next page only when the last one was used up', async () => {
  const asked: (string | undefined)[] = [];
  await using local = await listenLocally((request, response) => {
    asked.push(request.url);
    const isFirst = request.url?.includes('cursor') === false;
    answer(
      response,
      200,
      JSON.stringify({ items: isFirst ? [1, 2] : [3], nextCursor: isFirst ? 'a b' : null }),
    );
  });
  const items = createClient({ baseUrl: local.url }).secrets.listAll({ project: 'default' }, { limit: 2 });
  expect([(await items.next()).value, (await items.next()).value]).toEqual([1, 2]);
  expect(asked).toEqual(['/v1/projects/default/secrets?limit=2']);
  const rest = [];
  for await (const item of items) rest.push(item);
  expect(rest).toEqual([3]);
  expect(asked.slice(1)).toEqual(['/v1/projects/default/secrets?limit=2&cursor=a+b']);
});
