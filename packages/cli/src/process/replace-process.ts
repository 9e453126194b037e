import { spawnSync } from 'node:child_process';
import { findExecutable } from './executable.ts';
import type { CommandPlan } from './running-command.ts';

/** Node ignores these, and what is ignored stays so across execve; a command expects to die of them. */
const restored = ['env', '--default-signal=PIPE,XFSZ'] as const;

/** True where `env` can give signals their default back (coreutils 8.31). */
function canRestoreSignals(): boolean {
  const [env, flag] = restored;
  // The child shares our standard streams: its start also takes them out of the non-blocking mode Node uses.
  return spawnSync(env, [flag, 'true'], { stdio: 'inherit' }).status === 0;
}

/** Becomes the command: same process, nothing of Coffer left. Returns only by throwing. */
export function replaceProcess({ command, file, environment }: CommandPlan): never {
  if (process.execve === undefined) throw new Error('this platform has no execve');
  const [env, flag] = restored;
  const wrapper = findExecutable(env, environment['PATH']);
  // env would take a command with a `=` for a variable.
  const canWrap = wrapper.found === 'yes' && !command[0].includes('=') && canRestoreSignals();
  if (canWrap) process.execve(wrapper.file, [env, flag, ...command], environment);
  else process.execve(file, [...command], environment);
  throw new Error('execve returned');
}
