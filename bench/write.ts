// Acknowledged secret writes per second beside raw single-row commits of the same engine and a Vault-API server.
//
//   node bench/write.ts [--seconds 8] [--save]
import { generateLoad, generatorName, type Load, type Measured } from './load/generate-load.ts';
import { measurePostgresCommits, measureSqliteCommits } from './peers/raw-commits.ts';
import { findVault } from './peers/vault.ts';
import { readSeconds } from './run/arguments.ts';
import { startCoffer, type CofferServer } from './run/coffer-server.ts';
import { startPostgres } from './run/postgres-server.ts';
import { report } from './report.ts';

const manyClients = 64;
const secretCount = 1000;
const rounds = 2;
const seconds = readSeconds(8);

type Measure = (clients: number) => Promise<Measured> | Measured;

/** Every request rotates one of 1,000 secrets of an agent to a value it never had. */
const writesOf = async (server: CofferServer): Promise<Measure> => {
  await server.send('POST', '/v1/agents', { slug: 'bench' });
  const load: Omit<Load, 'clients'> = {
    url: server.url,
    method: 'PUT',
    path: '/v1/agents/bench/secrets/SERVICE_{slot}_API_KEY',
    headers: { authorization: `Bearer ${server.ownerToken}`, 'content-type': 'application/json' },
    body: '{"value":"0123456789012345678901234567-{n}"}',
    slots: secretCount,
    seconds,
  };
  generateLoad({ ...load, clients: manyClients, seconds: 2 });
  return (clients) => generateLoad({ ...load, clients });
};

const sqlite = await startCoffer();
const postgres = await startPostgres();
const onPostgres = postgres && (await startCoffer({ database: postgres.url }));
const vault = await findVault();
const contenders: (readonly [string, Measure])[] = [
  ['coffer on SQLite', await writesOf(sqlite)],
  ['raw commits, SQLite', () => measureSqliteCommits(seconds)],
];
if (postgres !== undefined && onPostgres !== undefined)
  contenders.push(
    ['coffer on PostgreSQL', await writesOf(onPostgres)],
    ['raw commits, PostgreSQL', (clients) => measurePostgresCommits(postgres.url, { clients, seconds })],
  );
if (vault !== undefined)
  contenders.push(['Vault API, one entry', (clients) => generateLoad({ ...vault.write, clients, seconds })]);

const best = new Map<string, { one: Measured; many: Measured }>();
const faster = (known: Measured | undefined, measured: Measured): Measured =>
  known !== undefined && known.perSecond > measured.perSecond ? known : measured;
for (let round = 1; round <= rounds; round += 1)
  for (const [name, measure] of contenders) {
    process.stderr.write(`round ${round} of ${rounds}: ${name}\n`);
    const known = best.get(name);
    best.set(name, {
      one: faster(known?.one, await measure(1)),
      many: faster(known?.many, await measure(manyClients)),
    });
  }
await sqlite.stop();
await onPostgres?.stop();
postgres?.stop();

const many = (name: string): number | undefined => best.get(name)?.many.perSecond;
const over = (part: number | undefined, whole: number | undefined): number | undefined =>
  part === undefined || whole === undefined ? undefined : part / whole;
const ratio = (part: string, whole: string): number | undefined => over(many(part), many(whole));

report({
  section: 'write',
  words: `Requests by ${generatorName}, the best of ${rounds} interleaved rounds of ${seconds} s; every write with its version, its audit event and the organization's change counter on disk before it is answered.`,
  head: ['server', '1 client: /s', 'p50 ms', 'p99 ms', '64 clients: /s', 'p50 ms', 'p99 ms'],
  rows: [...best].map(([name, at]) => [
    name,
    ...[at.one, at.many].flatMap(({ perSecond, p50Ms, p99Ms }) => [perSecond, p50Ms, p99Ms]),
  ]),
  goals: [
    {
      what: 'writes/s to raw commits, SQLite, 64 clients',
      measured: ratio('coffer on SQLite', 'raw commits, SQLite'),
      goal: { atLeast: 1 },
    },
    {
      what: 'writes/s to raw commits one after another, PostgreSQL, 64 clients',
      measured: over(
        best.get('coffer on PostgreSQL')?.many.perSecond,
        best.get('raw commits, PostgreSQL')?.one.perSecond,
      ),
      goal: { atLeast: 1 },
    },
    {
      what: 'writes/s to raw commits on 64 connections, PostgreSQL, 64 clients',
      measured: ratio('coffer on PostgreSQL', 'raw commits, PostgreSQL'),
      goal: { atLeast: 1 },
    },
    {
      what: 'writes/s to Vault API, 64 clients',
      measured: ratio('coffer on SQLite', 'Vault API, one entry'),
      goal: { atLeast: 10 },
    },
  ],
});
