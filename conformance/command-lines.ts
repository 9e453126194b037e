import { commands as clientCommands } from '@coffer/cli';
import type { Command, CommandOption } from '@coffer/contract';
import { serverCommands } from '@coffer/server';

const always = new Set(['--json', '--help', '-h']);

interface Found {
  readonly command: Command;
  readonly words: readonly string[];
}

const isNamed = (command: Command, word: string | undefined): boolean =>
  word !== undefined && (command.name === word || command.aliases?.includes(word) === true);

const findCommand = async (words: readonly string[]): Promise<Found | undefined> => {
  let below: readonly Command[] = [...clientCommands, ...serverCommands];
  let found: Found | undefined;
  for (let index = 0; ; index += 1) {
    const command = below.find((one) => isNamed(one, words[index]));
    if (command === undefined) return found;
    found = { command, words: words.slice(index + 1) };
    below = (await command.commands?.()) ?? [];
  }
};

const namesOf = ({ name, aliases = [], short }: CommandOption): string[] => [
  ...[name, ...aliases].map((long) => `--${long}`),
  ...(short === undefined ? [] : [`-${short}`]),
];

/** What is wrong with a line that calls `coffer`; undefined where nothing is. */
export const findFault = async (line: string): Promise<string | undefined> => {
  const words = line.split(/\s+/).slice(1);
  if (words.length === 1 && ['--help', '--version'].includes(words[0] ?? '')) return undefined;
  const found = await findCommand(words);
  if (found === undefined || !('load' in found.command)) return `${line}: there is no such command`;
  const known = new Set([...always, ...(found.command.options ?? []).flatMap(namesOf)]);
  const end = found.words.indexOf('--');
  const own = end === -1 ? found.words : found.words.slice(0, end);
  const unknown = own
    .filter((word) => word.startsWith('-'))
    .map((word) => word.replace(/=.*$/, ''))
    .find((word) => !known.has(word));
  return unknown === undefined ? undefined : `${line}: there is no ${unknown}`;
};

/** The calls of `coffer` in a text: at the start of a line of code, after a pipe, after `npx` or `sudo`. */
export const readCalls = (code: string): string[] =>
  code
    .split('\n')
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .flatMap((line) => {
      const call = /(?:^|\|\s*)(?:npx |sudo |sudo -u \S+ )?(coffer(?: [^|]*)?)$/.exec(line);
      return call?.[1] === undefined ? [] : [call[1].trim()];
    });
