import { execFile } from 'node:child_process';
import { basename, dirname, resolve } from 'node:path';
import { inheritEnvironment } from '../../process/environment.ts';

/** How a file with values lies open to git: `tracked` by it, or not `ignored`; undefined where it does not. */
export async function findGitExposure(path: string): Promise<'tracked' | 'not_ignored' | undefined> {
  const file = resolve(path);
  const git = (...words: string[]) =>
    exitStatusOf([...runsNothing, '-C', dirname(file), ...words, '--', basename(file)]);
  if ((await git('ls-files', '--error-unmatch')) === 0) return 'tracked';
  // 0: ignored, 1: not ignored, anything else: no repository or no git.
  return (await git('check-ignore', '--quiet')) === 1 ? 'not_ignored' : undefined;
}

/** The configuration of a repository names programs, and whoever made the repository wrote it. */
const runsNothing = ['-c', 'core.fsmonitor=false', '-c', 'core.hooksPath=/dev/null'];

/** Without credentials in its environment. */
const exitStatusOf = (words: readonly string[]): Promise<number | undefined> =>
  new Promise((resolveStatus) => {
    const { variables } = inheritEnvironment(process.env, { mode: 'guarded', passed: [] });
    const child = execFile('git', words, { env: variables }, () =>
      resolveStatus(child.exitCode ?? undefined),
    );
  });
