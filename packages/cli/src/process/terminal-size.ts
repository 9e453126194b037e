import { isatty } from 'node:tty';

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** The size of our terminal, whichever of our output streams it is. */
export function findTerminalSize(): TerminalSize {
  // Asking for a stream sets it up, which a pipe shared with others must be spared.
  for (const stream of [isatty(1) ? process.stdout : undefined, isatty(2) ? process.stderr : undefined]) {
    const [columns, rows] = stream?.getWindowSize() ?? [0, 0];
    if (columns > 0 && rows > 0) return { columns, rows };
  }
  return { columns: 80, rows: 24 };
}
