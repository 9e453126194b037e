import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { listenLocally } from '../local-server.ts';
import { sendOverLoopback } from './loopback.ts';

const send = async (url: string, more: { method?: string; body?: string; signal?: AbortSignal } = {}) => {
  const { status, readText } = await sendOverLoopback({
    url: new URL(url),
    method: more.method ?? 'POST',
    headers: { 'content-length': String(Buffer.byteLength(more.body ?? '')) },
    body: more.body,
    signal: more.signal ?? new AbortController().signal,
    inBackground: false,
  });
  return { status, text: await readText() };
};

const hasIPv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === '::1'),
);

/** A server that answers with the number of the connection that the request came over. */
const listenAndCount = async () => {
  const sockets: Socket[] = [];
  const local = await listenLocally(({ socket }, response) => {
    if (!sockets.includes(socket)) sockets.push(socket);
    response.end(String(sockets.indexOf(socket) + 1));
  });
  return { ...local, sockets };
};

describe('a request over loopback', () => {
  afterEach(() => vi.restoreAllMocks());

  it('goes out as it is, and a long answer in chunks comes back whole', async () => {
    const long = 'ü€'.repeat(300_000);
    await using local = await listenLocally((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (part: string) => (body += part));
      request.on('end', () => {
        response.write(JSON.stringify({ url: request.url, host: request.headers.host, same: body === long }));
        response.end(long);
      });
    });
    const { status, text } = await send(`${local.url}/a%20b?c=d`, { body: long });
    expect(status).toBe(200);
    expect(text).toBe(`{"url":"/a%20b?c=d","host":"${local.host}","same":true}${long}`);
  });

  it('reaches a server by name', async () => {
    await using local = await listenAndCount();
    const { port } = new URL(local.url);
    expect((await send(`http://localhost:${port}`)).text).toBe('1');
  });

  it.skipIf(!hasIPv6)('reaches a server on IPv6', async () => {
    const server = createServer((request, response) => response.end(request.headers.host));
    await new Promise<void>((resolve) => server.listen(0, '::1', resolve));
    const { port } = server.address() as AddressInfo;
    expect((await send(`http://[::1]:${port}`)).text).toBe(`[::1]:${port}`);
    server.closeAllConnections();
    server.close();
  });

  it('takes the same connection again, one request at a time', async () => {
    await using local = await listenAndCount();
    expect((await send(local.url)).text).toBe('1');
    expect((await send(local.url)).text).toBe('1');
    const together = await Promise.all([send(local.url), send(local.url)]);
    expect(together.map(({ text }) => text).sort()).toEqual(['1', '2']);
  });

  it('takes no connection that the server has closed, or that was idle for long', async () => {
    await using local = await listenAndCount();
    await send(local.url);
    local.sockets[0]?.destroy();
    await vi.waitFor(async () => expect((await send(local.url)).text).toBe('2'));
    const now = process.uptime();
    vi.spyOn(process, 'uptime').mockReturnValue(now + 3);
    expect((await send(local.url)).text).toBe('3');
  });

  it('closes a connection that brings bytes nobody asked for', async () => {
    await using local = await listenAndCount();
    await send(local.url);
    const [socket] = local.sockets;
    const closed = new Promise((resolve) => socket?.on('close', resolve));
    socket?.write('HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged');
    await closed;
    expect((await send(local.url)).text).toBe('2');
  });

  it('ends with the reason of its signal, before it is sent and after', async () => {
    await using local = await listenLocally(() => undefined);
    const reason = new Error('enough');
    await expect(send(local.url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const aborting = new AbortController();
    const asked = send(local.url, { signal: aborting.signal });
    setTimeout(() => aborting.abort(reason), 20);
    await expect(asked).rejects.toBe(reason);
  });

  it.each(['', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab'])(
    'fails where the connection ends after %j',
    async (part) => {
      await using local = await listenLocally(({ socket }) => socket.end(part));
      await expect(send(local.url)).rejects.toMatchObject({ code: 'ECONNRESET' });
    },
  );

  it('sends no header that would break out of its line', async () => {
    const asked = sendOverLoopback({
      url: new URL('http://127.0.0.1:9'),
      method: 'GET',
      headers: { authorization: 'Bearer a\r\nx: y' },
      body: undefined,
      signal: new AbortController().signal,
      inBackground: false,
    });
    await expect(asked).rejects.toThrow('a header has other than ASCII');
  });
});
