import type { Tally } from './tally.ts';

/** The part of vitest's JSON report that is counted here. */
export interface VitestReport {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/**
 * Counts tests, so that no failure is lost: a file that fails outside its tests counts as one, a run that fails
 * with every test passed (an unhandled error, no report) counts as one, and so does a run of no test at all.
 */
export function tallyReport(report: VitestReport | undefined, exitCode: number | null): Tally {
  const files = report?.testResults ?? [];
  const statuses = files.flatMap((file) => file.assertionResults.map(({ status }) => status));
  const passed = statuses.filter((status) => status === 'passed').length;
  const brokenFiles = files.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'),
  );
  const failed = statuses.filter((status) => status === 'failed').length + brokenFiles.length;
  const isLost = failed === 0 && (exitCode !== 0 || report?.success !== true || passed === 0);
  return { passed, failed: isLost ? 1 : failed };
}
