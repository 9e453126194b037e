import { execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Mount {
  readonly path: string;
  remount(mode: 'ro' | 'rw'): void;
  remove(): void;
}

const mount = (...words: readonly string[]): void => {
  execFileSync('mount', words, { stdio: 'ignore' });
};

/** A small disk of its own in memory. */
export const mountMemory = (path: string, megabytes: number): Mount => {
  mkdirSync(path, { recursive: true });
  mount('-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'tmpfs', path);
  return {
    path,
    remount: (mode) => mount('-o', `remount,${mode}`, path),
    remove: () => {
      execFileSync('umount', ['--lazy', path], { stdio: 'ignore' });
    },
  };
};

/** Whether this machine lets us mount; says in one line that the tests are left out where it does not. */
export const canMount = (): boolean => {
  const folder = mkdtempSync(join(tmpdir(), 'coffer-mount-'));
  try {
    mountMemory(folder, 1).remove();
    return true;
  } catch {
    process.stderr.write('Mounting is not allowed here: tests of full and read-only disks are skipped.\n');
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
