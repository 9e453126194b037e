import type { Command, CommandInput, RunnableCommand } from '@coffer/contract';
import { CofferError } from '@coffer/contract/errors';
import { findCommand, type FoundCommand } from './find-command.ts';
import { createProcessTerminal, watchOutput, type WatchedOutput } from './process-terminal.ts';
import { printableInLine } from './printable.ts';
import { readInput } from './read-input.ts';
import { reportFailure } from './report-failure.ts';
import { usageError } from './usage.ts';

export interface CommandLine {
  readonly commands: readonly Command[];
  /** The words after `coffer`. */
  readonly words: readonly string[];
  readonly version: string;
}

/** Runs one command line and gives the exit status; everything it has to say is written by then. */
export async function runCommandLine({ commands, words, version }: CommandLine): Promise<number> {
  const output = watchOutput();
  const [first] = words;
  if (first === '--version' || first === '-V') {
    output.results.write(`${version}\n`);
    return 0;
  }
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    return await showHelp(commands, first === 'help' ? words.slice(1) : [], output);
  }
  if (first === 'complete-words') return await printCandidates(commands, words.slice(2), output);
  const status = await runFound(commands, words, output);
  return status === 0 && output.failed() ? 1 : status;
}

async function runFound(
  commands: readonly Command[],
  words: readonly string[],
  output: WatchedOutput,
): Promise<number> {
  let found: FoundCommand | undefined;
  let input: CommandInput | undefined;
  try {
    found = await findCommand(commands, words);
    const { command, path } = found;
    if (!('load' in command)) return await showGroup(found, output);
    input = readInput(command, found.rest);
    if (input.has('help')) return await showHelp(commands, path, output);
    const act = await command.load();
    return (await act(input, createProcessTerminal(input.has('json'), output))) ?? 0;
  } catch (failure) {
    const status = reportFailure(await withForm(failure, found, input), {
      json: input?.has('json') ?? words.includes('--json'),
      debug: isSet(process.env['COFFER_DEBUG']),
      write: (text) => output.words.write(text),
    });
    return failureStatusOf(found?.command) ?? status;
  }
}

/**
 * The form of the command is the hint of a `usage_error` that has none of its own, and what the server says
 * of a request is said of the command line that made it.
 */
async function withForm(
  failure: unknown,
  found: FoundCommand | undefined,
  input: CommandInput | undefined,
): Promise<unknown> {
  if (found === undefined || !('load' in found.command) || !(failure instanceof CofferError)) return failure;
  const { command, path } = found;
  if (failure.code === 'usage_error' && failure.hint === undefined) {
    const { renderForm } = await import('./help.ts');
    return usageError(failure.message, renderForm(command, path));
  }
  if (failure.code !== 'request_invalid' || input === undefined) return failure;
  const { inCommandWords } = await import('./command-words.ts');
  return inCommandWords(failure, { command, path, input });
}

/** `coffer complete-words -- WORD...`, which the scripts of `coffer completion` call. */
async function printCandidates(
  commands: readonly Command[],
  words: readonly string[],
  output: WatchedOutput,
): Promise<number> {
  const { completeWords } = await import('./complete-words.ts');
  for (const candidate of await completeWords(commands, words)) {
    output.results.write(`${printableInLine(candidate)}\n`);
  }
  return 0;
}

const isSet = (text: string | undefined): boolean => text !== undefined && text !== '';

const failureStatusOf = (command: Command | undefined): number | undefined =>
  (command as Partial<RunnableCommand> | undefined)?.failureStatus;

async function showHelp(
  commands: readonly Command[],
  words: readonly string[],
  output: WatchedOutput,
): Promise<number> {
  const { renderHelp, renderOverview } = await import('./help.ts');
  if (words.length === 0) {
    output.results.write(`${renderOverview(commands)}\n`);
    return 0;
  }
  try {
    const { command, path } = await findCommand(commands, words);
    output.results.write(`${await renderHelp(command, path)}\n`);
    return 0;
  } catch (failure) {
    return reportFailure(failure, { json: false, debug: false, write: (text) => output.words.write(text) });
  }
}

/** A noun without a verb: its page, asked for or not. */
async function showGroup({ command, path, rest }: FoundCommand, output: WatchedOutput): Promise<number> {
  const { renderHelp } = await import('./help.ts');
  const asked = rest.includes('--help') || rest.includes('-h');
  (asked ? output.results : output.words).write(`${await renderHelp(command, path)}\n`);
  return asked ? 0 : 2;
}
