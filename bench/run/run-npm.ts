import { spawnSync } from 'node:child_process';

/** Runs npm in a folder; what it says goes to stderr. Throws where it fails. */
export const runNpm = (args: readonly string[], folder: string): void => {
  const { status } = spawnSync('npm', args, { cwd: folder, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} ended with status ${status ?? 'none'}`);
};
