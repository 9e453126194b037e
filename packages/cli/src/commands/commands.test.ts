import type { Command, RunnableCommand } from '@coffer/contract';
import { describe, expect, it } from 'vitest';
import { renderHelp } from '../terminal/help.ts';
import { findCommand } from '../terminal/find-command.ts';
import { readInput } from '../terminal/read-input.ts';
import { commands } from './commands.ts';

interface Listed {
  readonly words: string;
  readonly command: Command;
}

async function listAll(level: readonly Command[], path: readonly string[] = []): Promise<Listed[]> {
  const listed = await Promise.all(
    level.map(async (command) => {
      const here = [...path, command.name];
      const below = await listAll((await command.commands?.()) ?? [], here);
      return [{ words: here.join(' '), command }, ...below];
    }),
  );
  return listed.flat();
}

const all = await listAll(commands);
const runnable = all.filter(
  (listed): listed is Listed & { command: RunnableCommand } => 'load' in listed.command,
);

/** As a shell splits them: quotes group, and nothing after a redirection or before a pipe is ours. */
function wordsOf(example: string): string[] {
  const ours = (example.split('|').at(-1) ?? '').replace(/ [<>].*/, '').trim();
  const words = [...ours.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
  return words.slice(words.indexOf('coffer') + 1);
}

describe('the command table', () => {
  it.each(all)('$words has a summary that reads as the start of a line', ({ command }) => {
    expect(command.summary).toMatch(/[^.\s]$/);
  });

  it.each(runnable)('R-322 every example of $words is a valid call of it', async ({ words, command }) => {
    for (const example of command.examples) {
      const found = await findCommand(commands, wordsOf(example));
      expect(found.path.join(' '), example).toBe(words);
      expect(() => readInput(command, found.rest), example).not.toThrow();
    }
  });

  it.each(all.filter(({ command }) => !('load' in command)))(
    'R-322 the page of $words has an example',
    async ({ words, command }) => {
      expect(await renderHelp(command, words.split(' '))).toMatch(/^Examples:\n {2}\S/m);
    },
  );

  it.each(runnable)(
    '$words has no two options of one name, and words that can be told apart',
    ({ command }) => {
      const names = [...(command.options ?? [])].flatMap(({ name, aliases = [], short }) => [
        name,
        ...aliases,
        ...(short === undefined ? [] : [short]),
      ]);
      expect(new Set(names).size).toBe(names.length);
      const optionals = (command.arguments ?? []).map(({ optional }) => optional ?? false);
      expect(optionals).toEqual([...optionals].sort((a, b) => Number(a) - Number(b)));
    },
  );

  it.each([
    ['secret list', 'secrets list'],
    ['secrets describe', 'secrets get'],
    ['agents list', 'agent list'],
    ['organization use', 'org use'],
    ['member remove', 'member delete'],
    ['create agentenvvars', 'create agentenvvar'],
    ['list agentenvvar', 'list agentenvvar'],
  ])('R-172 R-192 `%s` is `%s`', async (typed, meant) => {
    expect((await findCommand(commands, typed.split(' '))).path.join(' ')).toBe(meant);
  });
});
