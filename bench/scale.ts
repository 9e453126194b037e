// Start latency and memory of the server as the number of stored secrets grows.
//
//   node bench/scale.ts [--short] [--save]
import { Agent, request } from 'node:http';
import { readFileSync } from 'node:fs';
import { isShort } from './run/arguments.ts';
import { startCoffer, type CofferServer } from './run/coffer-server.ts';
import { keepDatabase } from './scale/kept-database.ts';
import { report, type Goal } from './report.ts';

const sizes = isShort ? [1_000, 20_000] : [1_000, 100_000, 1_000_000];
const secretsPerAgent = 10;
const starts = isShort ? 500 : 2_000;
const rounds = 10;
const idleAfterMs = 3_000;

const residentMegabytes = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** One client on one kept connection. */
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

const start = (server: CofferServer, slug: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const sent = request(`${server.url}/v1/workloads`, {
      agent,
      method: 'POST',
      headers: { authorization: `Bearer ${server.ownerToken}`, 'content-type': 'application/json' },
    });
    sent.on('error', reject);
    sent.on('response', (response) => {
      response.resume();
      response.on('end', () => {
        if (response.statusCode === 201) resolve(performance.now() - startedAt);
        else reject(new Error(`A start was answered with ${response.statusCode ?? 'nothing'}`));
      });
    });
    sent.end(JSON.stringify({ target: { type: 'agent', id: slug }, environment: 'development' }));
  });

const median = (tookMs: readonly number[]): number =>
  tookMs.toSorted((left, right) => left - right)[tookMs.length >> 1] ?? 0;

interface Size {
  readonly secrets: number;
  readonly idleMegabytes: number;
  /** Random agents, one start after another. */
  readonly randomMs: number;
  /** The same, a secret being written before every start, so that nothing resolved before is of use. */
  readonly changedMs: number;
  readonly loadedMegabytes: number;
}

interface Running {
  readonly secrets: number;
  readonly server: CofferServer;
  readonly idleMegabytes: number;
  readonly random: number[];
  readonly changed: number[];
}

const open = async (secrets: number): Promise<Running> => {
  process.stderr.write(`${secrets} secrets\n`);
  const server = await startCoffer({ dataDir: keepDatabase(secrets) });
  await new Promise((resolve) => setTimeout(resolve, idleAfterMs));
  const idleMegabytes = residentMegabytes(server.pid);
  return { secrets, server, idleMegabytes, random: [], changed: [] };
};

const measureRound = async ({ secrets, server, random, changed }: Running): Promise<void> => {
  const randomSlug = (): string => `agent-${Math.floor((Math.random() * secrets) / secretsPerAgent)}`;
  for (let at = 0; at < starts / rounds; at += 1) random.push(await start(server, randomSlug()));
  for (let at = 0; at < starts / rounds / 4; at += 1) {
    await server.send('PUT', `/v1/agents/${randomSlug()}/secrets/SERVICE_0_API_KEY`, {
      value: `value-${performance.now()}-0123456789012345678`,
    });
    changed.push(await start(server, randomSlug()));
  }
};

const running: Running[] = [];
for (const secrets of sizes) running.push(await open(secrets));
// In turns, so that whatever else the machine does falls on every size; the first round warms up.
for (let round = 0; round <= rounds; round += 1)
  for (const one of running) {
    await measureRound(one);
    if (round === 0) one.random.length = one.changed.length = 0;
  }
const measured = running.map((one): Size => ({
  secrets: one.secrets,
  idleMegabytes: one.idleMegabytes,
  randomMs: median(one.random),
  changedMs: median(one.changed),
  loadedMegabytes: residentMegabytes(one.server.pid),
}));
for (const { server } of running) await server.stop();
agent.destroy();

const [smallest, largest] = [measured[0], measured.at(-1)];
const growth = (of: 'randomMs' | 'changedMs'): number => (largest?.[of] ?? 0) / (smallest?.[of] ?? 1);
const count = (secrets: number): string => secrets.toLocaleString('en');
const between = `${count(sizes.at(-1) ?? 0)} secrets to ${count(sizes[0] ?? 0)}`;
const goals: readonly Goal[] = [
  {
    what: `median start, random agents, ${between}`,
    measured: growth('randomMs'),
    goal: { atMost: 1.3 },
  },
  {
    what: `median start after a change, ${between}`,
    measured: growth('changedMs'),
    goal: { atMost: 1.3 },
  },
  {
    what: 'resident MB after the load, largest',
    measured: Math.max(...measured.map((size) => size.loadedMegabytes)),
    goal: { atMost: 300 },
  },
  {
    what: 'resident MB idle, largest',
    measured: Math.max(...measured.map((size) => size.idleMegabytes)),
    goal: { atMost: 120 },
  },
];

report({
  section: 'scale',
  words: `SQLite, ${secretsPerAgent} secrets per agent, one client that starts random agents ${starts} times, the sizes in turns.`,
  head: ['secrets', 'agents', 'random agents: p50 ms', 'after a change: p50 ms', 'idle MB', 'loaded MB'],
  rows: measured.map((size) => [
    count(size.secrets),
    count(size.secrets / secretsPerAgent),
    ...[size.randomMs, size.changedMs, size.idleMegabytes, size.loadedMegabytes],
  ]),
  goals,
});
