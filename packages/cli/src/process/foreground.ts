import { readFileSync } from 'node:fs';

/**
 * Where this process stands with its controlling terminal: keys such as Ctrl-C reach the whole group in
 * front, and a process behind is stopped when it takes the terminal's settings.
 */
export type TerminalStanding = 'foreground' | 'background' | 'none';

/** `/proc/self/stat`: pid (name) state ppid pgrp session tty_nr tpgid ...; the name may hold anything. */
const readFromProc = (): TerminalStanding => {
  const stat = readFileSync('/proc/self/stat', 'latin1');
  const [, , group, , , front] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (front === '-1') return 'none';
  return group === front ? 'foreground' : 'background';
};

const readFromPs = (): TerminalStanding => {
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const { stdout } = spawnSync('ps', ['-o', 'pgid=,tpgid=', '-p', String(process.pid)], { encoding: 'utf8' });
  const [group, front] = stdout.trim().split(/\s+/);
  if (front === undefined || Number(front) <= 0) return 'none';
  return group === front ? 'foreground' : 'background';
};

export function findTerminalStanding(): TerminalStanding {
  try {
    return process.platform === 'linux' ? readFromProc() : readFromPs();
  } catch {
    return 'none';
  }
}
