import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { printableInLine } from '../../terminal/printable.ts';

/** A line of ours on stderr, which the command may share; also while the terminal is in the command's hands. */
export function sayLine(line: string): void {
  const raw = isatty(0) && process.stdin.isRaw;
  try {
    writeSync(2, `coffer: ${printableInLine(line)}${raw ? '\r\n' : '\n'}`);
  } catch {
    // Nobody reads stderr any more; the command goes on.
    return;
  }
}
