import { spawnSync } from 'node:child_process';
import { writeSync } from 'node:fs';
import { delimiter } from 'node:path';
import { printableInLine } from '../terminal/printable.ts';
import { findExecutable } from './executable.ts';
import { runFailure } from './exit-status.ts';
import type { CommandPlan } from './running-command.ts';

/**
 * Becomes the command: same process, nothing of Coffer left. Gives an exit status, said on stderr, where the
 * system would not take words and environment of that size.
 *
 * An execve that fails aborts Node, with a core file that may hold the values. So the command is reached by way
 * of `nice -n 0`, which is on every system, says itself what it cannot execute (126, 127) and leaves environment
 * and settings as they are; a shell would set PWD and drop names, `env` would take a name with a `=` for a variable.
 */
export function replaceProcess({ command, file, environment }: CommandPlan): number {
  if (process.execve === undefined) throw new Error('this platform has no execve');
  const steps = findSteps(environment['PATH']);
  const [first] = steps;
  const words = [...steps, ...command];
  if (isTooLong(words, environment)) {
    writeSync(2, `coffer: ${printableInLine(command[0])}: cannot be executed (E2BIG)\n`);
    return runFailure.notExecutable;
  }
  process.execve(first ?? file, words, environment);
  throw new Error('execve returned');
}

/** The words before the command; none on a system without `nice`, such as an image with Node alone. */
function findSteps(path: string | undefined): string[] {
  const usual = ['/usr/bin', '/bin'];
  const find = (name: string): string | undefined => {
    const found = findExecutable(name, [...usual, ...(path === undefined ? [] : [path])].join(delimiter));
    return found.found === 'yes' ? found.file : undefined;
  };
  const [nice, env, nothing] = [find('nice'), find('env'), find('true')];
  if (nice === undefined) return [];
  const unchanged = [nice, '-n', '0'];
  // Node ignores these, and what is ignored stays so across execve; a command expects to die of them.
  const restoring = env === undefined || nothing === undefined ? [] : [env, '--default-signal=PIPE,XFSZ'];
  const steps = [...restoring, ...unchanged];
  return canRun([...steps, nothing ?? 'true']) ? steps : unchanged;
}

/** Not so where `env` cannot give signals their default back (it can since coreutils 8.31). */
function canRun([file = '', ...args]: readonly string[]): boolean {
  // The child shares our standard streams: its start also takes them out of the non-blocking mode Node uses.
  return spawnSync(file, args, { stdio: 'inherit' }).status === 0;
}

/** Tries with as many words of the same lengths as the words and the environment have together. */
function isTooLong(words: readonly string[], environment: CommandPlan['environment']): boolean {
  const entries = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const args = [...words, ...entries].map((word) => 'x'.repeat(Buffer.byteLength(word)));
  const { error } = spawnSync('/bin/sh', ['-c', ':', ...args], { stdio: 'ignore', env: {} });
  return error !== undefined && 'code' in error && error.code === 'E2BIG';
}
