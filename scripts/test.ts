// The one test command. Its last line is `N passed, N failed`; it fails if anything failed or no test ran.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkHouse, formatViolation } from './check-imports.ts';
import { addTallies, formatTally, type Tally } from './tally.ts';
import { tallyReport, type VitestReport } from './vitest-report.ts';

const root = join(import.meta.dirname, '..');

function runVitest(filters: readonly string[]): Tally {
  const folder = mkdtempSync(join(tmpdir(), 'coffer-tests-'));
  const reportFile = join(folder, 'report.json');
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  try {
    const { status } = spawnSync(process.execPath, [vitest, 'run', ...reporters, ...filters], {
      cwd: root,
      env: process.stdout.isTTY ? process.env : { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const report = existsSync(reportFile)
      ? (JSON.parse(readFileSync(reportFile, 'utf8')) as VitestReport)
      : undefined;
    return tallyReport(report, status);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function runImportCheck(): Tally {
  const violations = checkHouse(root);
  for (const violation of violations) console.log(formatViolation(violation));
  console.log(
    violations.length === 0 ? 'The imports are as the table says.' : 'The imports break the table.',
  );
  return { passed: violations.length === 0 ? 1 : 0, failed: violations.length };
}

const total = addTallies([runVitest(process.argv.slice(2)), runImportCheck()]);
console.log(formatTally(total));
process.exitCode = total.failed === 0 ? 0 : 1;
