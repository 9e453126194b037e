import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findExecutable } from './executable.ts';

const root = mkdtempSync(join(tmpdir(), 'coffer-test-'));
afterAll(() => rmSync(root, { recursive: true }));
const [first, second] = [join(root, 'first'), join(root, 'second')];
mkdirSync(join(first, 'folder'), { recursive: true });
mkdirSync(second);
const put = (path: string, mode: number): void => {
  writeFileSync(path, '#!/bin/sh\n');
  chmodSync(path, mode);
};
put(join(first, 'text'), 0o644);
put(join(second, 'text'), 0o755);
put(join(second, 'only-text'), 0o644);
put(join(second, 'folder'), 0o755);
const path = [join(root, 'absent'), first, second, '/etc/passwd'].join(':');

describe('R-203 the command is looked up before anything else', () => {
  it.each([
    ['text', { found: 'yes', file: join(second, 'text') }],
    ['folder', { found: 'yes', file: join(second, 'folder') }],
    ['only-text', { found: 'not_executable', file: join(second, 'only-text') }],
    ['absent', { found: 'no' }],
    ['', { found: 'no' }],
    [join(second, 'text'), { found: 'yes', file: join(second, 'text') }],
    [join(first, 'text'), { found: 'not_executable', file: join(first, 'text') }],
    [first, { found: 'not_executable', file: first }],
    [`${second}/text/below`, { found: 'no' }],
  ])('%s', (command, verdict) => {
    expect(findExecutable(command, path)).toEqual(verdict);
  });

  it('has the usual folders where there is no PATH', () => {
    expect(findExecutable('sh').found).toBe('yes');
  });
});
