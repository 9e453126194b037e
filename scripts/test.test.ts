import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('the test command fails when no test ran, and its last line is the count', () => {
  const command = [join(import.meta.dirname, 'test.ts'), 'no-test-has-this-name'];
  const { status, stdout } = spawnSync(process.execPath, command, { encoding: 'utf8' });
  expect(stdout).toMatch(/(^|\n)[01] passed, [1-9]\d* failed\n$/);
  expect(status).toBe(1);
});
