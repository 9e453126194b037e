import type { CommandTerminal } from '@coffer/contract';
import { printable } from './printable.ts';

/** The terminal of this process: results to stdout, words to stderr, questions to the person's terminal. */
export function createProcessTerminal(json: boolean): CommandTerminal {
  const print = (line: string): void => {
    process.stdout.write(`${printable(line)}\n`);
  };
  const ask = async (question: string, how: { readonly hidden: boolean }): Promise<string> =>
    (await import('./ask.ts')).ask(question, how);
  return {
    environment: process.env,
    json,
    interactive: process.stdin.isTTY && process.stderr.isTTY,
    print,
    printJson: (value) => print(JSON.stringify(value, undefined, 2)),
    printTable: async (columns, rows) => {
      const { renderTable } = await import('./table.ts');
      for (const line of renderTable(columns, rows)) print(line);
    },
    say: (line) => {
      process.stderr.write(`${printable(line)}\n`);
    },
    ask,
    confirm: async (question) => /^y(es)?$/i.test((await ask(`${question} [y/N]`, { hidden: false })).trim()),
  };
}

/**
 * A reader that closed the pipe has read enough: that is no failure, and the command goes on with its
 * work. Anything else that keeps a result from being written is.
 */
export function watchOutput(): { readonly failed: () => boolean } {
  let failed = false;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') failed = true;
    });
  }
  return { failed: () => failed };
}
