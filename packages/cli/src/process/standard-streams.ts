import { fstatSync } from 'node:fs';
import { isatty } from 'node:tty';

/** Where our own standard streams lead. */
export interface StandardStreams {
  readonly terminalInput: boolean;
  readonly terminalOutput: boolean;
  readonly terminalErrors: boolean;
  /** stdout and stderr are one and the same (`2>&1`): the command gets one for both, and order is kept. */
  readonly oneOutput: boolean;
}

export function describeStandardStreams(): StandardStreams {
  return {
    terminalInput: isatty(0),
    terminalOutput: isatty(1),
    terminalErrors: isatty(2),
    oneOutput: identify(1) === identify(2),
  };
}

function identify(descriptor: number): string {
  try {
    const { dev, ino, rdev } = fstatSync(descriptor);
    return `${dev}:${ino}:${rdev}`;
  } catch {
    return `closed ${descriptor}`;
  }
}
