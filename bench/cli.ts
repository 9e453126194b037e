// Wall time of `coffer run -- true`, as it is shipped, beside an empty Node program and dotenvx. `true` writes
// nothing, so that no mask is compiled; the row of `echo` shows what that costs.
//
//   node bench/cli.ts [--save]
import { existsSync, writeFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startWorkload } from '@coffer/sdk/runner';
import { runs, timeCommands, timerName } from './cli/time-command.ts';
import { report } from './report.ts';
import { makeFolder, startCoffer } from './run/coffer-server.ts';
import { runNpm } from './run/run-npm.ts';
import { shippedCommand } from './run/shipped-command.ts';

const peers = fileURLToPath(import.meta.resolve('./cli/'));
const dotenvx = join(peers, 'node_modules/@dotenvx/dotenvx/src/cli/dotenvx.js');
const secretCount = 20;
/** A server that has just started still runs code which it has not compiled. */
const startsBefore = 300;

if (!existsSync(dotenvx)) runNpm(['ci', '--ignore-scripts'], peers);

const server = await startCoffer();
await server.send('POST', '/v1/agents', { slug: 'bench' });
const secrets = Array.from({ length: secretCount }, (_, at) => ({
  name: `SERVICE_${at}_API_KEY`,
  value: `service-${at}-`.padEnd(40, 'abcdefghijklmnopqrstuvwxyz'),
}));
for (const secret of secrets) await server.send('POST', '/v1/agents/bench/secrets', secret);
const { key } = await server.send('POST', '/v1/keys', {
  agent: 'bench',
  environments: ['development'],
  rights: ['run'],
});

const client = { baseUrl: server.url, apiKey: String(key) };
for (let start = 0; start < startsBefore; start += 1) {
  const { link } = await startWorkload(client, { agent: 'bench', environment: 'development' });
  await link.end(0);
}

const folder = makeFolder('cli');
writeFileSync(join(folder, '.env'), secrets.map(({ name, value }) => `${name}=${value}\n`).join(''));
process.env['COFFER_URL'] = server.url;
process.env['COFFER_API_KEY'] = String(key);

const node = process.execPath;
const run = [shippedCommand, 'run', '--agent', 'bench', '--env', 'development', '--'];
const [empty, ours, speaking, theirs] = timeCommands(
  [
    { name: 'node -e 0', file: node, args: ['-e', '0'] },
    { name: 'coffer run -- true', file: node, args: [...run, 'true'] },
    { name: 'coffer run -- echo hello', file: node, args: [...run, 'echo', 'hello'] },
    { name: 'dotenvx run -- true', file: node, args: [dotenvx, 'run', '--quiet', '--', 'true'] },
  ],
  folder,
);
await server.stop();
rmSync(folder, { recursive: true });
if (empty === undefined || ours === undefined || speaking === undefined || theirs === undefined)
  throw new Error('A command was not timed');

report({
  section: 'cli',
  words: `Timed by ${timerName}, ${runs} runs of each in turns; ${secretCount} secrets, from a server on loopback that has answered ${startsBefore} starts for coffer, and from a file for dotenvx.`,
  head: ['command', 'median ms', 'fastest ms'],
  rows: [
    ['node -e 0', empty.medianMs, empty.minMs],
    ['coffer run -- true', ours.medianMs, ours.minMs],
    ['coffer run -- echo hello', speaking.medianMs, speaking.minMs],
    ['dotenvx run -- true', theirs.medianMs, theirs.minMs],
  ],
  goals: [
    {
      what: 'coffer run to node -e 0, median',
      measured: ours.medianMs / empty.medianMs,
      goal: { atMost: 2.2 },
    },
    {
      what: 'coffer run to dotenvx run, median',
      measured: ours.medianMs / theirs.medianMs,
      goal: { atMost: 0.25 },
    },
  ],
});
