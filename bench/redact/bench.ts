// npm run bench:redact [-- --megabytes 200 --rounds 3]
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Contender, prepareContenders } from './contenders.ts';
import { countMisses } from './count-misses.ts';
import { makeValues, type Plant, writeLogText } from './log-text.ts';
import { measureNearMatches } from './near-matches.ts';
import { formatGoals, formatRows, formatTable, type Goal, type Row } from './report.ts';

const VALUE_COUNTS = [10, 50, 1_000];
const SLOW_SECONDS = 8;

const options = parseArgs({
  options: { megabytes: { type: 'string', default: '200' }, rounds: { type: 'string', default: '3' } },
}).values;
const rounds = Number(options.rounds);
installPeers();
const folder = mkdtempSync(join(tmpdir(), 'bench-redact-'));
try {
  const rows: Row[] = [];
  for (const count of VALUE_COUNTS) rows.push(...(await measure(count)));
  const goals = listGoals(rows);
  const nearMatches = measureNearMatches();
  const report = [
    `${options.megabytes} MB of log text, output to /dev/null, best of ${rounds} interleaved rounds (one for what takes over ${SLOW_SECONDS} s), whole commands with their start; ${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}.`,
    formatRows(rows),
    formatGoals(goals),
    'Texts made to slow the search down (50 values and one of 2,000 equal bytes, in one process); growth is the time per byte on a text four times as long, 1 is linear:',
    formatTable(
      ['text', 'MB/s', 'growth'],
      nearMatches.map((near) => [near.text, near.megabytesPerSecond.toFixed(0), near.growth.toFixed(2)]),
    ),
  ].join('\n\n');
  console.log(report);
  const readme = join(import.meta.dirname, 'README.md');
  const [introduction = ''] = readFileSync(readme, 'utf8').split('<!-- last figures -->');
  writeFileSync(readme, `${introduction}<!-- last figures -->\n\n${report}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The peers are not part of the workspace, so that `npm ci` at the root stays small. */
function installPeers(): void {
  if (existsSync(join(import.meta.dirname, 'node_modules', 'varlock'))) return;
  const args = ['ci', '--prefix', import.meta.dirname, '--ignore-scripts', '--no-audit', '--no-fund'];
  const result = spawnSync('npm', args, { stdio: 'inherit' });
  if (result.status !== 0) throw new Error('The peers could not be installed.');
}

async function measure(count: number): Promise<Row[]> {
  const values = makeValues(count);
  const text = join(folder, 'text.log');
  const plants = writeLogText(text, Number(options.megabytes), values);
  const contenders = prepareContenders(folder, values, text);
  const best = new Map<string, number>();
  for (let round = 0; round < rounds; round++) {
    for (const contender of contenders) {
      const known = best.get(contender.name) ?? Infinity;
      if (known < Infinity && known > SLOW_SECONDS) continue;
      best.set(contender.name, Math.min(known, runTo(contender, '/dev/null')));
    }
  }
  const rows: Row[] = [];
  for (const contender of contenders) {
    rows.push(
      await describeRun(contender, { count, plants, text, seconds: best.get(contender.name) ?? NaN }),
    );
  }
  return rows;
}

interface Measured {
  count: number;
  plants: readonly Plant[];
  text: string;
  seconds: number;
}

async function describeRun(contender: Contender, measured: Measured): Promise<Row> {
  const output = join(folder, 'output.log');
  runTo(contender, output);
  const misses = await countMisses(output, measured.plants);
  const planted = measured.plants.filter((plant) => plant.form === 'value').length;
  const row = {
    values: measured.count,
    name: contender.name,
    version: contender.version,
    seconds: measured.seconds,
    megabytesPerSecond: statSync(measured.text).size / measured.seconds / 1e6,
    missedValues: `${misses.value} of ${planted}`,
    missedForms: `${misses.encoded} of ${measured.plants.length - planted}`,
  };
  console.error(
    row.values,
    row.name,
    row.seconds,
    row.missedValues,
    row.missedForms,
    misses.lost,
    misses.byForm,
  );
  return row;
}

/** Runs the contender with its output to `path` and returns the seconds it took. */
function runTo(contender: Contender, path: string): number {
  const output = openSync(path, 'w');
  const [command = '', ...args] = contender.command;
  const started = performance.now();
  const result = spawnSync(command, args, {
    cwd: folder,
    env: { ...process.env, ...contender.env },
    stdio: ['ignore', output, 'inherit'],
  });
  const seconds = (performance.now() - started) / 1e3;
  closeSync(output);
  if (result.status !== 0) throw new Error(`${contender.name} ended with ${String(result.status)}`);
  return seconds;
}

function listGoals(rows: readonly Row[]): Goal[] {
  const speed = (count: number, name: string): number =>
    rows.find((row) => row.values === count && row.name === name)?.megabytesPerSecond ?? NaN;
  const ours = rows.filter((row) => row.name === 'coffer');
  const missed = ours.reduce(
    (sum, row) => sum + Number.parseInt(row.missedValues, 10) + Number.parseInt(row.missedForms, 10),
    0,
  );
  const atLeast = (what: string, measured: number, goal: number): Goal => ({
    what,
    measured,
    goal: `at least ${goal}`,
    isMet: measured >= goal,
  });
  const atMost = (what: string, measured: number, goal: number): Goal => ({
    what,
    measured,
    goal: `at most ${goal}`,
    isMet: measured <= goal,
  });
  return [
    atMost('misses of coffer', missed, 0),
    atLeast('speed at 50 values to dotenvx', speed(50, 'coffer') / speed(50, 'dotenvx'), 2),
    atLeast('speed at 1,000 values to dotenvx', speed(1_000, 'coffer') / speed(1_000, 'dotenvx'), 20),
    atLeast('speed at 50 values to pass-through', speed(50, 'coffer') / speed(50, 'pass-through'), 0.4),
    atLeast(
      'speed at 1,000 values to pass-through',
      speed(1_000, 'coffer') / speed(1_000, 'pass-through'),
      0.4,
    ),
    atMost('time at 1,000 values to time at 10', speed(10, 'coffer') / speed(1_000, 'coffer'), 1.5),
  ];
}
