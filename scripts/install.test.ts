import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let root: string;

/** A checkout with the install script, and in front of everything an npm that only leaves a mark. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'install-'));
  mkdirSync(join(root, 'scripts'));
  mkdirSync(join(root, 'bin'));
  copyFileSync(join(import.meta.dirname, 'install.mjs'), join(root, 'scripts', 'install.mjs'));
  writeFileSync(join(root, 'bin', 'npm'), '#!/bin/sh\necho "npm says hello"; echo "$@" > npm-was-called\n', {
    mode: 0o755,
  });
  writeLock('package-lock.json', { '': {}, 'node_modules/pg': { version: '8.0.0', integrity: 'a' } });
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

function writeLock(path: string, packages: Record<string, object>): void {
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  writeFileSync(join(root, path), JSON.stringify({ packages }));
}

function install(...args: string[]): { status: number | null; stdout: string; ranNpm: boolean } {
  const { status, stdout } = spawnSync(process.execPath, [join(root, 'scripts', 'install.mjs'), ...args], {
    env: { ...process.env, PATH: [join(root, 'bin'), process.env['PATH']].join(delimiter) },
    encoding: 'utf8',
  });
  return { status, stdout, ranNpm: existsSync(join(root, 'npm-was-called')) };
}

describe('the install script', () => {
  it('does nothing when the installed packages are those of the lock file', () => {
    writeLock('node_modules/.package-lock.json', { 'node_modules/pg': { version: '8.0.0', integrity: 'a' } });
    expect(install()).toEqual({ status: 0, stdout: '', ranNpm: false });
  });

  it('does not miss optional packages made for other machines', () => {
    const pg = { version: '8.0.0', integrity: 'a' };
    writeLock('package-lock.json', {
      'node_modules/pg': pg,
      'node_modules/fsevents': { version: '2', optional: true },
    });
    writeLock('node_modules/.package-lock.json', { 'node_modules/pg': pg });
    expect(install().ranNpm).toBe(false);
  });

  it('installs when nothing is, and keeps standard output for the command that follows', () => {
    expect(install()).toEqual({ status: 0, stdout: '', ranNpm: true });
  });

  it('installs when a package is missing or has another version', () => {
    writeLock('node_modules/.package-lock.json', {});
    expect(install().ranNpm).toBe(true);
    rmSync(join(root, 'npm-was-called'));
    writeLock('node_modules/.package-lock.json', { 'node_modules/pg': { version: '7.0.0', integrity: 'b' } });
    expect(install().ranNpm).toBe(true);
  });

  it('runs the script it is given and ends as that does', () => {
    writeFileSync(join(root, 'script.mjs'), 'console.log(process.argv[2]); process.exit(7);');
    expect(install(join(root, 'script.mjs'), 'word')).toEqual({ status: 7, stdout: 'word\n', ranNpm: true });
  });

  it('fails when npm fails', () => {
    writeFileSync(join(root, 'bin', 'npm'), '#!/bin/sh\nexit 3\n', { mode: 0o755 });
    expect(install().status).toBe(3);
  });
});
