// npm run bench:redact [-- --megabytes 200 --rounds 3 --save]
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
import { runNpm } from '../run/run-npm.ts';

const VALUE_COUNTS = [10, 50, 1_000];
const SLOW_SECONDS = 8;

const options = parseArgs({
  options: {
    megabytes: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '3' },
    save: { type: 'boolean', default: false },
  },
}).values;
const rounds = Number(options.rounds);
installPeers();
const folder = mkdtempSync(join(tmpdir(), 'bench-redact-'));
try {
  const entries = VALUE_COUNTS.flatMap((count) => prepareEntries(count));
  for (let round = 0; round < rounds; round++) entries.forEach(measureOnce);
  const rows: Row[] = [];
  for (const entry of entries) rows.push(await describeEntry(entry));
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
  if (options.save) saveReport(report);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function saveReport(report: string): void {
  const readme = join(import.meta.dirname, 'README.md');
  const [introduction = ''] = readFileSync(readme, 'utf8').split('<!-- last figures -->');
  writeFileSync(readme, `${introduction}<!-- last figures -->\n\n${report}\n`);
}

/** The peers are not part of the workspace, so that `npm ci` at the root stays small. */
function installPeers(): void {
  if (existsSync(join(import.meta.dirname, 'node_modules', 'varlock'))) return;
  runNpm(['ci', '--ignore-scripts', '--no-audit', '--no-fund'], import.meta.dirname);
}

interface Entry {
  count: number;
  folder: string;
  text: string;
  plants: readonly Plant[];
  contender: Contender;
  seconds: number;
}

function prepareEntries(count: number): Entry[] {
  const values = makeValues(count);
  const entryFolder = mkdtempSync(join(folder, 'values-'));
  const text = join(entryFolder, 'text.log');
  const plants = writeLogText(text, Number(options.megabytes), values);
  return prepareContenders(entryFolder, values, text).map((contender) => ({
    count,
    folder: entryFolder,
    text,
    plants,
    contender,
    seconds: Infinity,
  }));
}

function measureOnce(entry: Entry): void {
  if (entry.seconds > SLOW_SECONDS && entry.seconds < Infinity) return;
  entry.seconds = Math.min(entry.seconds, runTo(entry, '/dev/null'));
}

async function describeEntry(entry: Entry): Promise<Row> {
  const output = join(folder, 'output.log');
  runTo(entry, output);
  const misses = await countMisses(output, entry.plants);
  const planted = entry.plants.filter((plant) => plant.form === 'value').length;
  if (misses.lost > 0) console.log(`${entry.contender.name} swallowed ${misses.lost} of the planted lines`);
  return {
    values: entry.count,
    name: entry.contender.name,
    version: entry.contender.version,
    seconds: entry.seconds,
    megabytesPerSecond: statSync(entry.text).size / entry.seconds / 1e6,
    missedValues: `${misses.value} of ${planted}`,
    missedForms: `${misses.encoded} of ${entry.plants.length - planted}`,
  };
}

/** Runs the contender with its output to `path` and returns the seconds it took. */
function runTo({ contender, folder: cwd }: Entry, path: string): number {
  const output = openSync(path, 'w');
  const [command = '', ...args] = contender.command;
  const started = performance.now();
  const result = spawnSync(command, args, {
    cwd,
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
