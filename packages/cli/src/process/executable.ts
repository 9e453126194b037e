import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, sep } from 'node:path';

/** A command that can be started, or why not: the exit status follows the shell's 126 and 127. */
export type Executable =
  | { readonly found: 'yes'; readonly file: string }
  | { readonly found: 'not_executable'; readonly file: string }
  | { readonly found: 'no' };

const fallbackPath = '/usr/local/bin:/usr/bin:/bin';

const judge = (file: string): Executable => {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return { found: 'no' };
  if (!stat.isFile()) return { found: 'not_executable', file };
  try {
    accessSync(file, constants.X_OK);
    return { found: 'yes', file };
  } catch {
    return { found: 'not_executable', file };
  }
};

const judgeQuietly = (file: string): Executable => {
  try {
    return judge(file);
  } catch {
    // A PATH entry that is a file, unreadable or too long holds no command.
    return { found: 'no' };
  }
};

/** Finds the command as a shell does: a name with a slash is a path, any other is looked up in PATH. */
export function findExecutable(command: string, path: string = fallbackPath): Executable {
  if (command.includes('/')) return judgeQuietly(command);
  if (command === '') return { found: 'no' };
  let refused: Executable = { found: 'no' };
  for (const folder of path.split(delimiter)) {
    const verdict = judgeQuietly(`${folder === '' ? '.' : folder}${sep}${command}`);
    if (verdict.found === 'yes') return verdict;
    if (verdict.found === 'not_executable' && !statSync(verdict.file).isDirectory()) refused = verdict;
  }
  return refused;
}
