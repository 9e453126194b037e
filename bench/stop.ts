// How soon a stop and a rotation reach the commands that run: from the request to the end of `coffer run`; and
// what a write costs beside a thousand links.
//
//   node bench/stop.ts [--save]
import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { startWorkload, type Link } from '@coffer/sdk/runner';
import { startCoffer } from './run/coffer-server.ts';
import { shippedCommand } from './run/shipped-command.ts';
import { report } from './report.ts';

const runnersAtOnce = [1, 32];
const rounds = 10;
const linkCount = 1000;
const writes = 200;
const goalMs = 1000;

interface Runner {
  readonly child: ChildProcess;
  /** When it ended, on the clock of `performance`. */
  readonly ended: Promise<number>;
}

const server = await startCoffer();
await server.send('POST', '/v1/agents', { slug: 'bench' });
await server.send('POST', '/v1/agents', { slug: 'other' });
const write = (agent: string, value: string) =>
  server.send('PUT', `/v1/agents/${agent}/secrets/SERVICE_API_KEY`, { value: value.padEnd(40, 'x') });
await write('bench', 'first');
const { key } = await server.send('POST', '/v1/keys', {
  agent: 'bench',
  environments: ['development'],
  rights: ['run'],
});

/** A command that does nothing until it gets SIGTERM, as it does at a stop, and here at a rotation too. */
const startRunner = (): Runner => {
  const options = ['--agent', 'bench', '--on-rotate', 'signal', '--rotate-signal', 'SIGTERM'];
  const child = spawn(process.execPath, [shippedCommand, 'run', ...options, '--', 'sleep', '600'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, COFFER_URL: server.url, COFFER_API_KEY: String(key) },
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<number>((resolve, reject) => {
    child.once('exit', (status, signal) => {
      const at = performance.now();
      if (status === 143 || signal === 'SIGTERM') resolve(at);
      else reject(new Error(`coffer run ended with ${status ?? signal ?? 'nothing'}: ${said}`));
    });
  });
  return { child, ended };
};

const listRunning = async (): Promise<readonly string[]> => {
  const running: string[] = [];
  for (let cursor: unknown = ''; typeof cursor === 'string';) {
    const page = await server.send('GET', `/v1/workloads?state=running&limit=200${cursor}`);
    running.push(...(page['items'] as { id: string }[]).map(({ id }) => id));
    const next = page['nextCursor'];
    cursor = typeof next === 'string' ? `&cursor=${encodeURIComponent(next)}` : undefined;
  }
  return running;
};

/** The ids of so many workloads, as soon as all of them run. */
const waitUntilRunning = async (count: number): Promise<readonly string[]> => {
  for (;;) {
    const running = await listRunning();
    if (running.length === count) return running;
    await sleep(50);
  }
};

type Act = (ids: readonly string[], runners: readonly Runner[]) => unknown;

const acts: readonly (readonly [string, Act])[] = [
  ['kill -TERM of coffer run itself', (_ids, runners) => runners.map(({ child }) => child.kill('SIGTERM'))],
  ['stop', (ids) => Promise.all(ids.map((id) => server.send('POST', `/v1/workloads/${id}/stop`, {})))],
  ['rotation', (ids) => write('bench', `${ids[0] ?? ''}-`)],
];

/** Milliseconds from the request to the end, of each runner. */
const timeEnds = async (act: Act, count: number): Promise<readonly number[]> => {
  const runners = Array.from({ length: count }, startRunner);
  const ids = await waitUntilRunning(count);
  // The link opens beside the first heartbeat.
  await sleep(300);
  const askedAt = performance.now();
  await act(ids, runners);
  const ends = await Promise.all(runners.map(({ ended }) => ended));
  return ends.map((at) => at - askedAt);
};

/** Milliseconds of each of many writes of a secret that nothing which runs was given, one after another. */
const timeWrites = async (): Promise<readonly number[]> => {
  const times: number[] = [];
  for (let at = 0; at < writes; at += 1) {
    const askedAt = performance.now();
    await write('other', `${at}-`);
    times.push(performance.now() - askedAt);
  }
  return times;
};

const openLink = async (): Promise<Link> => {
  const client = { baseUrl: server.url, apiKey: String(key) };
  const { link } = await startWorkload(client, { agent: 'bench', environment: 'development' });
  link.listen({});
  return link;
};

const took = new Map<string, number[]>();
const timesOf = (name: string, count: number): number[] => {
  const times = took.get(`${name} ${count}`) ?? [];
  took.set(`${name} ${count}`, times);
  return times;
};

for (let round = 1; round <= rounds; round += 1)
  for (const count of runnersAtOnce)
    for (const [name, act] of acts) {
      process.stderr.write(`round ${round} of ${rounds}: ${name}, ${count} running\n`);
      timesOf(name, count).push(...(await timeEnds(act, count)));
    }

process.stderr.write(`writes beside ${linkCount} links\n`);
await timeWrites();
timesOf('a write', 0).push(...(await timeWrites()));
const links: Link[] = [];
for (let at = 0; at < linkCount; at += 1) links.push(await openLink());
await waitUntilRunning(linkCount);
timesOf('a write', linkCount).push(...(await timeWrites()));
for (const link of links) link.close();
await server.stop();

const median = (times: readonly number[]): number =>
  times.toSorted((left, right) => left - right)[times.length >> 1] ?? 0;
const slowest = (name: string): number => Math.max(...runnersAtOnce.flatMap((count) => timesOf(name, count)));

report({
  section: 'stop',
  words: `${rounds} rounds; from the request until \`coffer run\` has ended by the SIGTERM that its command got. ${writes} writes, one after another, to a secret that nothing which runs was given.`,
  head: ['what', 'running', 'median ms', 'slowest ms'],
  rows: [
    ...acts.flatMap(([name]) => runnersAtOnce.map((count) => [name, count] as const)),
    ...[0, linkCount].map((count) => ['a write', count] as const),
  ].map(([name, count]) => {
    const times = timesOf(name, count);
    return [name, String(count), median(times), Math.max(...times)];
  }),
  goals: [
    { what: 'slowest stop, ms', measured: slowest('stop'), goal: { atMost: goalMs } },
    { what: 'slowest rotation, ms', measured: slowest('rotation'), goal: { atMost: goalMs } },
    {
      what: `median write beside ${linkCount} running workloads to one beside none`,
      measured: median(timesOf('a write', linkCount)) / median(timesOf('a write', 0)),
      goal: { atMost: 2 },
    },
  ],
});
// The links' last timers are nobody's business any more.
process.exit();
