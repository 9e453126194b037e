import type { Command } from '@coffer/contract';
import { usageError } from './usage.ts';

export interface FoundCommand {
  readonly command: Command;
  /** The words that lead to it, by their main names, without `coffer`. */
  readonly path: readonly string[];
  /** The words after them. */
  readonly rest: readonly string[];
}

export const isNamed = ({ name, aliases }: Command, word: string): boolean =>
  name === word || (aliases?.includes(word) ?? false);

/** Follows the words down the tree as far as they name commands; `usage_error` where one names none. */
export async function findCommand(
  roots: readonly Command[],
  words: readonly string[],
): Promise<FoundCommand> {
  let found: FoundCommand | undefined;
  let level = roots;
  let rest = words;
  for (;;) {
    const [word] = rest;
    const next = word === undefined ? undefined : level.find((command) => isNamed(command, word));
    if (next === undefined) {
      if (found === undefined) throw unknownCommand([], level);
      const mayStop = word === undefined || word.startsWith('-') || 'load' in found.command;
      if (!mayStop) throw unknownCommand(found.path, level);
      return found;
    }
    rest = rest.slice(1);
    found = { command: next, path: [...(found?.path ?? []), next.name], rest };
    if (next.commands === undefined) return found;
    level = await next.commands();
  }
}

function unknownCommand(path: readonly string[], level: readonly Command[]): Error {
  const names = level.map(({ name }) => name).join(', ');
  const above = ['coffer', ...path].join(' ');
  return usageError(`There is no such command. \`${above}\` has: ${names}.`, `${above} <command> --help`);
}
