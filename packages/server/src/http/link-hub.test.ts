import { ask, callerOf, startServer, type TestCaller, type TestServer } from '@coffer/testkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Caller } from '../domain/guard/caller.ts';
import { LinkHub } from './link-hub.ts';

let server: TestServer;
let owner: TestCaller;
let hub: LinkHub;
beforeEach(async () => {
  server = await startServer();
  owner = callerOf(server.url, server.ownerToken);
  hub = new LinkHub(server.server.house.guard);
  await owner.agents.create({ slug: 'bot' });
  await owner.secrets.create('bot', 'KEY', 'value-1');
});
afterEach(async () => {
  hub.close();
  await server.close();
});

const start = async (invocation = false) => {
  const { text } = await owner.ask('POST', '/v1/workloads', {
    body: { target: { type: 'agent', id: 'bot' }, invocation },
  });
  return JSON.parse(text) as { token: string; workload: { id: string } };
};
const callerWith = (token: string): Promise<Caller> =>
  server.server.house.authenticator.authenticate(token, null, { address: null, requestId: null });

/** A link, with all it has said so far. */
const openLink = async ({ token, workload }: { token: string; workload: { id: string } }) => {
  const stop = new AbortController();
  const response = await hub.open(await callerWith(token), workload.id, stop.signal);
  const reader = (response.body ?? new ReadableStream<Uint8Array>()).getReader();
  let said = '';
  let ended = false;
  const decoder = new TextDecoder();
  void (async () => {
    for (;;) {
      const part = await reader.read();
      if (part.done) break;
      said += decoder.decode(part.value as Uint8Array);
    }
    ended = true;
  })();
  return {
    response,
    said: () => said,
    events: () => [...said.matchAll(/^event: (.*)$/gm)].map(([, event]) => event),
    hasEnded: () => ended,
    abort: () => stop.abort(),
    cancel: () => reader.cancel(),
  };
};
const soon = (check: () => void) => vi.waitFor(check, { timeout: 3000, interval: 10 });

describe('the server’s side of a runner’s link', () => {
  it('R-104 R-105 tells a rotation and a stop, each once', async () => {
    const started = await start();
    const link = await openLink(started);
    expect(link.response.headers.get('content-type')).toBe('text/event-stream');
    await soon(() => expect(link.said()).toContain(': linked\n\n'));
    await owner.secrets.set('bot', 'KEY', 'value-2');
    await soon(() => expect(link.events()).toEqual(['rotated']));
    const newest = [{ name: 'KEY', environment: '*', version: 2 }];
    expect(link.said()).toContain(`data: ${JSON.stringify({ stale: ['KEY'], newest })}\n\n`);
    await owner.workloads.stop(started.workload.id);
    await soon(() => expect(link.events()).toEqual(['rotated', 'stop']));
    await owner.policy.set('preview', 'last4');
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(link.events()).toEqual(['rotated', 'stop']);
    expect(link.said()).not.toContain('value-');
  });

  it('R-104 tells each further rotation of the same name', async () => {
    const link = await openLink(await start());
    await owner.secrets.set('bot', 'KEY', 'value-2');
    await soon(() => expect(link.events()).toEqual(['rotated']));
    await owner.secrets.set('bot', 'KEY', 'value-3');
    await soon(() => expect(link.events()).toEqual(['rotated', 'rotated']));
    expect(link.said()).toContain('"version":3');
  });

  it('R-106 tells a restart to what is no invocation, and a stop to what is one', async () => {
    const [service, invocation] = [await openLink(await start()), await openLink(await start(true))];
    await owner.agents.restart('bot');
    await soon(() => expect(service.events()).toEqual(['restart']));
    await soon(() => expect(invocation.events()).toEqual(['stop']));
  });

  it('R-105 what was asked for while no link was open is told with the next one', async () => {
    const started = await start();
    await owner.workloads.stop(started.workload.id);
    const link = await openLink(started);
    await soon(() => expect(link.events()).toEqual(['stop']));
  });

  it('R-105 what another replica committed is seen without being told', async () => {
    const link = await openLink(await start());
    const replica = await startServer({ replicaOf: server });
    try {
      await callerOf(replica.url, replica.ownerToken).secrets.set('bot', 'KEY', 'value-2');
      await soon(() => expect(link.events()).toEqual(['rotated']));
    } finally {
      await replica.close();
    }
  });

  it('R-104 R-106 tells each of many links, however fast changes come', async () => {
    const links = await Promise.all(Array.from({ length: 250 }, async () => openLink(await start())));
    const told = (event: string) => links.filter((link) => link.events().includes(event)).length;
    for (let value = 2; value < 12; value += 1) await owner.secrets.set('bot', 'KEY', `value-${value}`);
    await soon(() => expect(told('rotated')).toBe(250));
    await owner.agents.restart('bot');
    await owner.secrets.set('bot', 'KEY', 'value-12');
    await soon(() => expect(told('restart')).toBe(250));
    for (const link of links) {
      expect(link.events()[0]).toBe('rotated');
      expect(link.events().filter((event) => event === 'restart')).toHaveLength(1);
    }
  }, 20_000);

  it('R-072 is open to the workload itself alone', async () => {
    const [one, other] = [await start(), await start()];
    const signal = new AbortController().signal;
    const elsewhere = hub.open(await callerWith(one.token), other.workload.id, signal);
    await expect(elsewhere).rejects.toMatchObject({ code: 'workload_not_found' });
    const person = hub.open(await callerWith(owner.token), one.workload.id, signal);
    await expect(person).rejects.toMatchObject({ code: 'workload_not_found' });
    expect(hub.size).toBe(0);
  });

  it('counts the links that are open, and forgets one that its runner leaves', async () => {
    const links = [await openLink(await start()), await openLink(await start())];
    expect(hub.size).toBe(2);
    links[0]?.abort();
    expect(hub.size).toBe(1);
    await links[1]?.cancel();
    expect(hub.size).toBe(0);
  });

  it('ends every link at the stop, so that runners connect elsewhere', async () => {
    const link = await openLink(await start());
    hub.close();
    await soon(() => expect(link.hasEnded()).toBe(true));
    expect(hub.size).toBe(0);
  });
});

describe('a link over HTTP', () => {
  it('R-072 is refused to a person and to a token of another workload', async () => {
    const [one, other] = [await start(), await start()];
    const path = `${server.url}/v1/workloads/${one.workload.id}/events`;
    expect((await ask(path, { method: 'GET', token: other.token })).status).toBe(404);
    expect((await ask(path, { method: 'GET', token: owner.token })).status).toBe(403);
  });
});
