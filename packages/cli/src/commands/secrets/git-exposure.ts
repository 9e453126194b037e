import { execFile } from 'node:child_process';
import { basename, dirname, resolve } from 'node:path';

/** How a file with values lies open to git: `tracked` by it, or not `ignored`; undefined where it does not. */
export async function findGitExposure(path: string): Promise<'tracked' | 'not_ignored' | undefined> {
  const file = resolve(path);
  const git = (...words: string[]) => exitStatusOf(['-C', dirname(file), ...words, '--', basename(file)]);
  if ((await git('ls-files', '--error-unmatch')) === 0) return 'tracked';
  // 0: ignored, 1: not ignored, anything else: no repository or no git.
  return (await git('check-ignore', '--quiet')) === 1 ? 'not_ignored' : undefined;
}

const exitStatusOf = (words: readonly string[]): Promise<number | undefined> =>
  new Promise((resolveStatus) => {
    const child = execFile('git', words, () => resolveStatus(child.exitCode ?? undefined));
  });
