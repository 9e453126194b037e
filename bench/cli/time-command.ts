import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Command {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
}

export interface Timed {
  readonly medianMs: number;
  readonly minMs: number;
}

const rounds = 5;
const runsInRound = 8;
/** Of each command. */
export const runs = rounds * runsInRound;
const hasHyperfine = spawnSync('hyperfine', ['--version']).error === undefined;
export const timerName = hasHyperfine ? 'hyperfine' : 'its own loop';

const summarize = (tookMs: readonly number[]): Timed => {
  const sorted = tookMs.toSorted((left, right) => left - right);
  return { medianMs: sorted[sorted.length >> 1] ?? 0, minMs: sorted[0] ?? 0 };
};

const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

const runHyperfine = (commands: readonly Command[], cwd: string): Timed[] => {
  const took = commands.map((): number[] => []);
  for (let round = 0; round < rounds; round += 1)
    for (const [at, times] of runHyperfineOnce(commands, cwd).entries()) took[at]?.push(...times);
  return took.map(summarize);
};

const runHyperfineOnce = (commands: readonly Command[], cwd: string): number[][] => {
  const folder = mkdtempSync(join(tmpdir(), 'coffer-bench-'));
  const file = join(folder, 'times.json');
  const lines = commands.map(({ file: program, args }) => [program, ...args].map(quote).join(' '));
  const { status, stderr } = spawnSync(
    'hyperfine',
    ['-N', '--warmup', '3', '--runs', String(runsInRound), '--export-json', file, ...lines],
    { encoding: 'utf8', cwd },
  );
  if (status !== 0) throw new Error(`hyperfine failed: ${stderr}`);
  const { results } = JSON.parse(readFileSync(file, 'utf8')) as { results: { times: number[] }[] };
  rmSync(folder, { recursive: true });
  return results.map(({ times }) => times.map((seconds) => seconds * 1000));
};

/** In turns, so that whatever else the machine does falls on every command. */
const runLoop = (commands: readonly Command[], cwd: string): Timed[] => {
  const took = commands.map((): number[] => []);
  for (let run = -3; run < runs; run += 1)
    for (const [at, { name, file, args }] of commands.entries()) {
      const startedAt = performance.now();
      const { status, stderr } = spawnSync(file, args, { cwd, encoding: 'utf8' });
      if (status !== 0) throw new Error(`${name} ended with status ${status ?? 'none'}: ${stderr}`);
      if (run >= 0) took[at]?.push(performance.now() - startedAt);
    }
  return took.map(summarize);
};

/** Wall time of each command, the commands in turns, after runs that do not count; throws where one fails. */
export const timeCommands = (commands: readonly Command[], cwd: string): Timed[] =>
  (hasHyperfine ? runHyperfine : runLoop)(commands, cwd);
