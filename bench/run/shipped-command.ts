import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isBuilt } from './arguments.ts';

const root = fileURLToPath(import.meta.resolve('../../'));

export const runNpm = (args: readonly string[], cwd: string): void => {
  const { status } = spawnSync('npm', args, { cwd, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} ended with status ${status ?? 'none'}`);
};

/** The command as it is published, built from this checkout; `--built` takes the one that is there. */
export const shippedCommand = join(root, 'packages/coffer/dist/package/bin/coffer.cjs');

if (!isBuilt) runNpm(['run', 'build'], root);
