import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChallengeFiles } from './domain/sessions/local-login.ts';

/** Login challenges as files in the data directory that only the server's own user (and root) can read. */
export const createChallengeFiles = (dataDir: string): ChallengeFiles => {
  const folder = join(dataDir, 'login');
  const pathOf = (id: string): string => join(folder, id.replaceAll(/[^a-z0-9_]/g, ''));
  return {
    async write(id, answer) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const path = pathOf(id);
      await writeFile(path, `${answer}\n`, { mode: 0o600, flag: 'wx' });
      return path;
    },
    async remove(id) {
      await rm(pathOf(id), { force: true });
    },
  };
};
