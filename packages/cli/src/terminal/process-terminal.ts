import { closeSync, openSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { CommandTerminal } from '@coffer/contract';
import { printable } from './printable.ts';

/** The terminal of this process: results to stdout, words to stderr, questions to the person's terminal. */
export function createProcessTerminal(json: boolean, output: WatchedOutput): CommandTerminal {
  const print = (line: string): void => {
    output.results.write(`${printable(line)}\n`);
  };
  const ask = async (question: string, how: { readonly hidden: boolean }): Promise<string> =>
    (await import('./ask.ts')).ask(question, how);
  return {
    environment: process.env,
    json,
    // Asking for a stream sets it up, which a command that says nothing is spared.
    get interactive() {
      return isatty(0) && hasTerminal();
    },
    print,
    printJson: (value) => print(JSON.stringify(value, undefined, 2)),
    printTable: async (columns, rows) => {
      const { renderTable } = await import('./table.ts');
      for (const line of renderTable(columns, rows)) print(line);
    },
    say: (line) => {
      output.words.write(`${printable(line)}\n`);
    },
    ask,
    confirm: async (question) => /^y(es)?$/i.test((await ask(`${question} [y/N]`, { hidden: false })).trim()),
  };
}

/** Whether there is a terminal to ask on, which is the process's own and not stderr. */
function hasTerminal(): boolean {
  if (isatty(2)) return true;
  try {
    closeSync(openSync('/dev/tty', 'r+'));
    return true;
  } catch {
    return false;
  }
}

/** stdout and stderr; asking for one sets it up, which a command that writes to neither is spared. */
export interface WatchedOutput {
  readonly results: NodeJS.WriteStream;
  readonly words: NodeJS.WriteStream;
  readonly failed: () => boolean;
}

/**
 * A reader that closed the pipe has read enough: that is no failure, and the command goes on with its
 * work. Anything else that keeps a result from being written is.
 */
export function watchOutput(): WatchedOutput {
  let failed = false;
  const watched = new Set<NodeJS.WriteStream>();
  const watch = (stream: NodeJS.WriteStream): NodeJS.WriteStream => {
    if (watched.has(stream)) return stream;
    watched.add(stream);
    return stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') failed = true;
    });
  };
  return {
    get results() {
      return watch(process.stdout);
    },
    get words() {
      return watch(process.stderr);
    },
    failed: () => failed,
  };
}
