import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { challengeSeconds } from '@coffer/contract';
import type { ChallengeFiles } from './domain/sessions/local-login.ts';

/**
 * Login challenges as files in the data directory that only the server's own user (and root) can read: the
 * answer, and in a second line where the server listens, so that nobody in between is told the answer.
 */
export const createChallengeFiles = (dataDir: string, getUrl: () => string): ChallengeFiles => {
  const folder = join(dataDir, 'login');
  const pathOf = (id: string): string => join(folder, id.replaceAll(/[^a-z0-9_]/g, ''));
  /** Challenges that nobody answered leave their files behind. */
  const removeOver = async (): Promise<void> => {
    const before = Date.now() - challengeSeconds * 1000;
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      const found = await stat(path).catch(() => undefined);
      if (found !== undefined && found.mtimeMs < before) await rm(path, { force: true });
    }
  };
  return {
    async write(id, answer) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await removeOver();
      const path = pathOf(id);
      await writeFile(path, `${answer}\n${getUrl()}\n`, { mode: 0o600, flag: 'wx' });
      return path;
    },
    async remove(id) {
      await rm(pathOf(id), { force: true });
    },
  };
};
