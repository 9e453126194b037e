// Every check but the tests: one line each, all are run, the last line is `N passed, N failed`.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Check, listChecks } from './check-list.ts';
import { formatTally } from './tally.ts';

const root = join(import.meta.dirname, '..');

/** Runs a check and reports it: one line, then what a failed check said. */
async function report({ name, run }: Check): Promise<boolean> {
  const startedAt = performance.now();
  const { ok, output } = await run();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${ok ? 'ok    ' : 'FAILED'}  ${name.padEnd(12)} ${seconds.padStart(6)} s`);
  if (!ok) console.log(output.trimEnd().replace(/^/gm, '    '));
  return ok;
}

/** Takes the checks two by two at most: the compiler and the linter would starve a small machine. */
async function reportAll(checks: readonly Check[]): Promise<boolean[]> {
  const waiting = [...checks];
  const results: boolean[] = [];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      results.push(await report(next));
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
  return results;
}

const results = await reportAll(listChecks(root));
const failed = results.filter((ok) => !ok).length;
console.log(formatTally({ passed: results.length - failed, failed }));
process.exitCode = failed === 0 ? 0 : 1;
