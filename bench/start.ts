// Workload starts per second beside a constant answer of the same framework, the least that a durable start can be,
// and a Vault-API server.
//
//   node bench/start.ts [--seconds 8] [--save]
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { generateLoad, generatorName, type Load, type Measured } from './load/generate-load.ts';
import { startPeer, type Peer } from './peers/start-peer.ts';
import { entryCount, findVault } from './peers/vault.ts';
import { readSeconds } from './run/arguments.ts';
import { makeFolder, startCoffer, type CofferServer } from './run/coffer-server.ts';
import { startPostgres } from './run/postgres-server.ts';
import { report, type Goal } from './report.ts';

const manyClients = 64;
const rounds = 3;
const seconds = readSeconds(8);

const fields = Object.fromEntries(
  Array.from({ length: entryCount }, (_, at) => [
    `SERVICE_${at}_API_KEY`,
    `service-${String(at).padStart(2, '0')}-`.padEnd(40, 'abcdefghijklmnopqrstuvwxyz'),
  ]),
);

const body = JSON.stringify({ target: { type: 'agent', id: 'bench' }, environment: 'development' });

/** One agent with 20 secrets, and a key that may start it. */
const prepare = async (server: CofferServer): Promise<Record<string, string>> => {
  await server.send('POST', '/v1/agents', { slug: 'bench' });
  for (const [name, value] of Object.entries(fields))
    await server.send('POST', '/v1/agents/bench/secrets', { name, value });
  const { key } = await server.send('POST', '/v1/keys', {
    agent: 'bench',
    environments: ['development'],
    rights: ['run'],
  });
  return { authorization: `Bearer ${String(key)}`, 'content-type': 'application/json' };
};

type Contender = readonly [name: string, load: Omit<Load, 'clients' | 'seconds'>];
type Figures = ReadonlyMap<string, { one: Measured; many: Measured }>;

const median = (measured: readonly Measured[]): Measured =>
  measured.toSorted((left, right) => left.perSecond - right.perSecond)[measured.length >> 1] as Measured;

/** In turns, so that whatever else the machine does falls on every contender; the median of the rounds. */
const measure = (contenders: readonly Contender[]): Figures => {
  const rows = new Map(contenders.map(([name]) => [name, { one: [] as Measured[], many: [] as Measured[] }]));
  for (const [, load] of contenders) generateLoad({ ...load, clients: manyClients, seconds: 2 });
  for (let round = 0; round < rounds; round += 1)
    for (const [name, load] of contenders) {
      process.stderr.write(`round ${round + 1} of ${rounds}: ${name}\n`);
      rows.get(name)?.one.push(generateLoad({ ...load, clients: 1, seconds: Math.ceil(seconds / 2) }));
      rows.get(name)?.many.push(generateLoad({ ...load, clients: manyClients, seconds }));
    }
  return new Map([...rows].map(([name, { one, many }]) => [name, { one: median(one), many: median(many) }]));
};

const sqlite = await startCoffer();
const postgres = await startPostgres();
const onPostgres = postgres && (await startCoffer({ database: postgres.url }));
const startLoad = async (server: CofferServer): Promise<Contender[1]> => ({
  url: server.url,
  method: 'POST',
  path: '/v1/workloads',
  headers: await prepare(server),
  body,
});
const sqliteLoad = await startLoad(sqlite);
const answered = await fetch(`${sqlite.url}/v1/workloads`, {
  method: 'POST',
  headers: sqliteLoad.headers,
  body,
});
const answerBytes = String((await answered.text()).length);
const constant = await startPeer(import.meta.resolve('./peers/constant-answer.ts'), [answerBytes]);
const bareFolder = makeFolder('bare');
const bare = await startPeer(import.meta.resolve('./peers/bare-start.ts'), [
  answerBytes,
  join(bareFolder, 'bare.db'),
]);
const vault = await findVault();
await vault?.fill(fields);

const peerLoad = ({ url }: Peer, path: string): Contender[1] => ({ ...sqliteLoad, url, path });
const figures = measure([
  ['constant answer', peerLoad(constant, '/plain')],
  ['constant answer, request read', peerLoad(constant, '/parsed')],
  ['bare durable start', peerLoad(bare, '/')],
  ['coffer on SQLite', sqliteLoad],
  ...(onPostgres === undefined ? [] : [['coffer on PostgreSQL', await startLoad(onPostgres)] as const]),
  ...(vault === undefined
    ? []
    : ([
        ['Vault API, one entry', vault.readOneEntry],
        ['Vault API, 20 entries', vault.readEachEntry],
      ] as const)),
]);
constant.stop();
bare.stop();
rmSync(bareFolder, { recursive: true });
await sqlite.stop();
await onPostgres?.stop();
postgres?.stop();

const ours = figures.get('coffer on SQLite');
const plain = figures.get('constant answer');
const parsed = figures.get('constant answer, request read');
const least = figures.get('bare durable start');
const entry = figures.get('Vault API, one entry');
const entries = figures.get('Vault API, 20 entries');
const over = (part: number | undefined, whole: number | undefined): number | undefined =>
  part === undefined || whole === undefined ? undefined : part / whole;

const goals: readonly Goal[] = [
  {
    what: 'starts/s to the constant answer, 64 clients',
    measured: over(ours?.many.perSecond, plain?.many.perSecond),
    goal: { atLeast: 0.6 },
  },
  {
    what: 'starts/s to the constant answer that reads the request, 64 clients',
    measured: over(ours?.many.perSecond, parsed?.many.perSecond),
    goal: { atLeast: 0.6 },
  },
  {
    what: 'starts/s to the bare durable start, 64 clients',
    measured: over(ours?.many.perSecond, least?.many.perSecond),
    // A sketch like it reached 0.69 of the constant answer where the goal of 0.6 was set.
    goal: { atLeast: 0.87 },
  },
  {
    what: 'starts/s to one Vault entry, 64 clients',
    measured: over(ours?.many.perSecond, entry?.many.perSecond),
    goal: { atLeast: 2.5 },
  },
  {
    what: 'starts/s to 20 Vault entries, 64 clients',
    measured: over(ours?.many.perSecond, over(entries?.many.perSecond, entryCount)),
    goal: { atLeast: 40 },
  },
  {
    what: 'p99 to one Vault entry, 64 clients',
    measured: over(ours?.many.p99Ms, entry?.many.p99Ms),
    goal: { atMost: 0.25 },
  },
  {
    what: 'p50 to one Vault entry, 1 client',
    measured: over(ours?.one.p50Ms, entry?.one.p50Ms),
    goal: { atMost: 1 },
  },
];

report({
  section: 'start',
  words: `Requests by ${generatorName}, the median of ${rounds} interleaved rounds of ${seconds} s; 20 secrets of 40 characters per start, every start with its audit event on disk before it is answered; of 20 entries, the reads of single entries are shown.`,
  head: ['server', '1 client: /s', 'p50 ms', 'p99 ms', '64 clients: /s', 'p50 ms', 'p99 ms'],
  rows: [...figures].map(([name, { one, many }]) => [
    name,
    ...[one.perSecond, one.p50Ms, one.p99Ms, many.perSecond, many.p50Ms, many.p99Ms],
  ]),
  goals,
});
