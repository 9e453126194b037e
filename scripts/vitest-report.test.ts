import { describe, expect, it } from 'vitest';
import { tallyReport, type VitestReport } from './vitest-report.ts';

function report(files: Record<string, string[]>, success = true): VitestReport {
  return {
    success,
    testResults: Object.entries(files).map(([status, tests], index) => ({
      name: `${index}.test.ts`,
      status,
      assertionResults: tests.map((test) => ({ status: test })),
    })),
  };
}

describe('the count of a test run', () => {
  it('counts passed and failed tests, and leaves out skipped ones', () => {
    const mixed = report({ passed: ['passed', 'skipped', 'todo'], failed: ['passed', 'failed'] }, false);
    expect(tallyReport(mixed, 1)).toEqual({ passed: 2, failed: 1 });
  });

  it('counts a file that fails outside its tests', () => {
    expect(tallyReport(report({ failed: [], passed: ['passed'] }, false), 1)).toEqual({
      passed: 1,
      failed: 1,
    });
  });

  it('counts a failing run in which every test passed', () => {
    expect(tallyReport(report({ passed: ['passed'] }), 1)).toEqual({ passed: 1, failed: 1 });
    expect(tallyReport(report({ passed: ['passed'] }, false), 0)).toEqual({ passed: 1, failed: 1 });
  });

  it('fails a run without a report, a killed one and one in which no test ran', () => {
    expect(tallyReport(undefined, 0)).toEqual({ passed: 0, failed: 1 });
    expect(tallyReport(report({ passed: ['passed'] }), null)).toEqual({ passed: 1, failed: 1 });
    expect(tallyReport(report({ passed: ['skipped'] }), 0)).toEqual({ passed: 0, failed: 1 });
  });
});
