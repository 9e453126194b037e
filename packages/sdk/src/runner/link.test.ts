import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';
import { expect, it, onTestFinished, vi } from 'vitest';
import { listenLocally } from '../local-server.ts';
import { startWorkload, type Link } from './index.ts';

const calm = { state: 'running', stop: false, restart: false, stale: [] as string[] };

/** What a server of this test says: how it answers each heartbeat and each opened event stream. */
interface Script {
  readonly beat?: (count: number) => { status: number; body: object };
  readonly watch?: (response: ServerResponse, count: number) => void;
  readonly heartbeatSeconds?: number;
}

async function linkTo({ beat, watch, heartbeatSeconds = 20 }: Script) {
  const asked = { beats: 0, streams: 0, ends: [] as unknown[] };
  const json = (response: ServerResponse, { status, body }: { status: number; body: object }) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? '';
    if (path.endsWith('/heartbeat')) {
      asked.beats += 1;
      json(response, beat?.(asked.beats) ?? { status: 200, body: calm });
    } else if (path.endsWith('/events')) {
      asked.streams += 1;
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      watch?.(response, asked.streams);
    } else if (path.endsWith('/end')) {
      asked.ends.push(JSON.parse((await request.setEncoding('utf8').toArray()).join('')));
      json(response, { status: 200, body: { ...calm, state: 'stopped' } });
    } else {
      const workload = { id: 'wrk_1', agent: 'bot', environment: 'development', state: 'starting' };
      json(response, {
        status: 201,
        body: { workload, token: 'cfr_run_1', heartbeatSeconds, variables: [], advice: [] },
      });
    }
  };
  const local = await listenLocally((request, response) => void answer(request, response));
  onTestFinished(() => local[Symbol.asyncDispose]());
  const { link } = await startWorkload({ baseUrl: local.url, apiKey: 'cfr_key_1' }, { agent: 'bot' });
  onTestFinished(() => link.close());
  return { link, asked, local };
}

/** Listens, and keeps what was said in order. */
function hear(link: Link): unknown[] {
  const heard: unknown[] = [];
  link.listen({
    stop: () => heard.push('stop'),
    restart: () => heard.push('restart'),
    rotated: (stale) => heard.push({ stale }),
    closed: ({ code }) => heard.push({ closed: code }),
  });
  return heard;
}

const event = (name: string, data: object = {}) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
const nap = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

it('R-105 R-106 stop, restart and rotated arrive as they are sent, in whatever pieces', async () => {
  const { link } = await linkTo({
    watch: (response) => {
      void (async () => {
        const text = `: hello\n\n${event('rotated', { stale: ['KÉY'] })}${event('restart')}${event('stop')}`;
        for (const byte of Buffer.from(text)) {
          response.write(Buffer.of(byte));
          if (byte < 0x80 && byte % 7 === 0) await nap(1);
        }
      })();
    },
  });
  const heard = hear(link);
  await vi.waitUntil(() => heard.length === 3, 10_000);
  expect(heard).toEqual([{ stale: ['KÉY'] }, 'restart', 'stop']);
});

it('R-105 a stop that the heartbeat and the stream both tell is said once', async () => {
  const { link, asked } = await linkTo({
    heartbeatSeconds: 0.02,
    beat: () => ({ status: 200, body: { ...calm, state: 'stopping', stop: true } }),
    watch: (response) => response.write(event('stop') + event('stop')),
  });
  const heard = hear(link);
  await vi.waitUntil(() => asked.beats > 5, 10_000);
  expect(heard).toEqual(['stop']);
});

it('R-106 a heartbeat that asks for a restart, which stops the process too, says restart alone', async () => {
  const { link, asked } = await linkTo({
    heartbeatSeconds: 0.02,
    beat: () => ({ status: 200, body: { ...calm, stop: true, restart: true } }),
  });
  const heard = hear(link);
  await vi.waitUntil(() => asked.beats > 3, 10_000);
  expect(heard).toEqual(['restart']);
});

it('R-104 heartbeats tell of a rotation once, and of the next one again', async () => {
  const { link, asked } = await linkTo({
    heartbeatSeconds: 0.02,
    beat: (count) => ({ status: 200, body: { ...calm, stale: count < 4 ? ['A'] : ['A', 'B'] } }),
  });
  const heard = hear(link);
  await vi.waitUntil(() => asked.beats > 8, 10_000);
  expect(heard).toEqual([{ stale: ['A'] }, { stale: ['A', 'B'] }]);
});

const newest = (version: number) => ({ stale: ['A'], newest: [{ name: 'A', environment: '*', version }] });

it('R-104 heartbeats tell of each further version of a name that is told already', async () => {
  const { link, asked } = await linkTo({
    heartbeatSeconds: 0.02,
    beat: (count) => ({ status: 200, body: { ...calm, ...newest(count < 4 ? 2 : 3) } }),
  });
  const heard = hear(link);
  await vi.waitUntil(() => asked.beats > 8, 10_000);
  expect(heard).toEqual([{ stale: ['A'] }, { stale: ['A'] }]);
});

it('R-104 so do events', async () => {
  const { link } = await linkTo({
    watch: (response) => {
      for (const version of [2, 3, 3]) response.write(event('rotated', newest(version)));
      response.write(event('stop'));
    },
  });
  const heard = hear(link);
  await vi.waitUntil(() => heard.includes('stop'), 10_000);
  expect(heard).toEqual([{ stale: ['A'] }, { stale: ['A'] }, 'stop']);
});

it('R-104 a stream that opens anew and repeats itself says nothing twice', async () => {
  const { link, asked } = await linkTo({
    watch: (response) => response.end(`retry: 10\n\n${event('rotated', { stale: ['A'] })}`),
  });
  const heard = hear(link);
  await vi.waitUntil(() => asked.streams > 4, 10_000);
  expect(heard).toEqual([{ stale: ['A'] }]);
});

it('events nobody knows, broken data and comments say nothing and break nothing', async () => {
  const { link } = await linkTo({
    watch: (response) => {
      response.write(': alive\n\nevent: rotated\ndata: {"stale":\n\nevent: rotated\ndata: [1]\n\n');
      response.write(
        `data: plain\n\nnonsense\n\n${event('exploded')}${event('rotated', { stale: [1, 'A'] })}`,
      );
    },
  });
  const heard = hear(link);
  await vi.waitUntil(() => heard.length > 0, 10_000);
  expect(heard).toEqual([{ stale: ['A'] }]);
});

it('a server that cuts every stream and fails every heartbeat is no event: the link goes on', async () => {
  const { link, asked } = await linkTo({
    heartbeatSeconds: 0.02,
    beat: (count) => (count < 4 ? { status: 500, body: {} } : { status: 200, body: { ...calm, stop: true } }),
    watch: (response, count) => {
      response.write('retry: 10\n\n');
      if (count < 3) setTimeout(() => response.destroy(), 5);
      else response.write(event('rotated', { stale: ['A'] }));
    },
  });
  const heard = hear(link);
  // A stream that then falls silent is opened anew, and says it again.
  const said = () => [...new Set(heard.map((one) => JSON.stringify(one)))].sort();
  await vi.waitUntil(() => said().length === 2, 10_000);
  expect(said()).toEqual(['"stop"', '{"stale":["A"]}']);
  expect(asked.streams).toBeGreaterThanOrEqual(3);
});

it('a stream that falls silent without an end is opened anew', async () => {
  const { link, asked } = await linkTo({
    heartbeatSeconds: 0.05,
    watch: (response, count) => response.write(count === 1 ? 'retry: 10\n\n' : event('stop')),
  });
  const heard = hear(link);
  await vi.waitUntil(() => heard.length > 0, 10_000);
  expect(heard).toEqual(['stop']);
  expect(asked.streams).toBeGreaterThanOrEqual(2);
});

it.each([
  { status: 401, code: 'not_authenticated' },
  { status: 404, code: 'workload_not_found' },
])('a heartbeat answered with $status closes the link for good and says so', async ({ status, code }) => {
  const { link, asked } = await linkTo({
    heartbeatSeconds: 0.02,
    beat: () => ({ status, body: { code, detail: 'No such workload.' } }),
    watch: (response) => {
      setTimeout(() => {
        if (response.writable) response.write(event('stop'));
      }, 100);
    },
  });
  const heard = hear(link);
  await nap(200);
  expect(heard).toEqual([{ closed: code }]);
  expect(asked.beats).toBe(1);
});

it('the end is told with the exit status, and nothing is heard afterwards', async () => {
  const { link, asked } = await linkTo({
    heartbeatSeconds: 0.02,
    watch: (response) => {
      setTimeout(() => response.write(event('stop')), 50);
    },
  });
  const heard = hear(link);
  expect(await link.end(143)).toBe(true);
  const { beats } = asked;
  await nap(100);
  expect(asked.ends).toEqual([{ exitStatus: 143 }]);
  expect(heard).toEqual([]);
  expect(asked.beats).toBeLessThanOrEqual(beats + 1);
});

it('a closed link hangs up its stream and opens no other', async () => {
  let hungUp = false;
  const { link, asked } = await linkTo({
    watch: (response) => {
      response.write('retry: 10\n\n');
      response.on('close', () => (hungUp = true));
    },
  });
  hear(link);
  await vi.waitUntil(() => asked.streams === 1, 10_000);
  link.close();
  await vi.waitUntil(() => hungUp, 10_000);
  await nap(50);
  expect([asked.streams, asked.beats]).toEqual([1, 1]);
});

it('an end that cannot be told is false, not an error', async () => {
  const { link, local } = await linkTo({});
  await local[Symbol.asyncDispose]();
  expect(await link.end()).toBe(false);
});

it('a link that listens does not keep a program alive', async () => {
  const { local } = await linkTo({ watch: (response) => response.write(': alive\n\n') });
  const program = `
    import { startWorkload } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)};
    const { link } = await startWorkload({ baseUrl: '${local.url}' }, { agent: 'bot' });
    link.listen({});
    setTimeout(() => console.log('done'), 300);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const startedAt = performance.now();
  const printed = child.stdout.setEncoding('utf8').toArray();
  const [status] = (await once(child, 'exit')) as [number | null];
  expect([status, (await printed).join('')]).toEqual([0, 'done\n']);
  expect(performance.now() - startedAt).toBeLessThan(5000);
});
