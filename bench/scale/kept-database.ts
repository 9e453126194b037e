import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(import.meta.resolve('../../'));
const script = fileURLToPath(import.meta.resolve('./fill-database.ts'));

/** Changes with the tables, so that a kept database is made anew for others. */
const tablesDigest = (): string => {
  const digest = createHash('sha256');
  for (const file of globSync('packages/server/src/storage/migrations/*.ts', { cwd: root }).sort())
    digest.update(readFileSync(join(root, file)));
  return digest.digest('hex').slice(0, 12);
};

/** The folder of a server with so many secrets, from a run before or made now. */
export const keepDatabase = (secrets: number): string => {
  const folder = join(root, '.tmp', `scale-${secrets}-${tablesDigest()}`);
  if (existsSync(folder)) return folder;
  const making = `${folder}.making`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { recursive: true });
  const { status } = spawnSync(process.execPath, [script, making, String(secrets)], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, COFFER_LOG_LEVEL: 'error' },
  });
  if (status !== 0) throw new Error('The database was not made');
  renameSync(making, folder);
  return folder;
};
