import { parseArgs } from 'node:util';
import type { CommandInput, CommandOption, RunnableCommand } from '@coffer/contract';
import { usageError } from './usage.ts';

/** What every command has. */
export const commonOptions: readonly CommandOption[] = [
  { name: 'json', summary: 'print one JSON document; errors as {code, message, hint}' },
  { name: 'help', short: 'h', summary: 'show this page' },
];

interface Token {
  readonly kind: 'option' | 'positional' | 'option-terminator';
  readonly index: number;
  readonly name?: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

/**
 * Reads the words against the command's data. Every `usage_error` speaks in positions and in names from
 * that data, never in what was typed, which may be a value; the one exception is an unknown option
 * that is written like the name of one.
 */
export function readInput(command: RunnableCommand, words: readonly string[]): CommandInput {
  const tokens = tokenize(command, words);
  const { own, passedOn } = command.passesOn ? splitPassedOn(tokens, words) : { own: tokens, passedOn: [] };
  const given = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of own) {
    if (token.kind === 'positional') positionals.push(token.value ?? '');
    if (token.kind === 'option') takeOption(given, optionOf(command, token, words), token);
  }
  if (!given.has('help')) checkPositionals(command, positionals);
  return {
    positionals,
    passedOn,
    has: (option) => given.has(option),
    text: (option) => given.get(option)?.[0],
    texts: (option) => given.get(option) ?? [],
  };
}

const optionsOf = (command: RunnableCommand): readonly CommandOption[] => [
  ...(command.options ?? []),
  ...commonOptions,
];

function tokenize(command: RunnableCommand, words: readonly string[]): readonly Token[] {
  const options: Record<string, { type: 'string' | 'boolean'; multiple: true; short?: string }> = {};
  for (const { name, aliases = [], short, value } of optionsOf(command)) {
    const type = value === undefined ? 'boolean' : 'string';
    options[name] = { type, multiple: true, ...(short === undefined ? {} : { short }) };
    for (const alias of aliases) options[alias] = { type, multiple: true };
  }
  const { tokens } = parseArgs({ args: [...words], options, strict: false, tokens: true });
  return tokens;
}

/** The other program's words: those after `--`, or those from the first positional on. */
function splitPassedOn(tokens: readonly Token[], words: readonly string[]) {
  const first = tokens.find(({ kind }) => kind !== 'option');
  if (first === undefined) return { own: tokens, passedOn: [] };
  const from = first.kind === 'option-terminator' ? first.index + 1 : first.index;
  return { own: tokens.slice(0, tokens.indexOf(first)), passedOn: words.slice(from) };
}

function optionOf(
  command: RunnableCommand,
  { name = '', index }: Token,
  words: readonly string[],
): CommandOption {
  const option = optionsOf(command).find((known) => known.name === name || known.aliases?.includes(name));
  if (option === undefined) {
    const typed = optionName(words[index] ?? '');
    throw usageError(
      typed === undefined
        ? `Word ${index + 1} after the command is an option that it does not have.`
        : `The command has no option ${typed}.`,
      'A value that starts with `-` is written as --value=... or after `--`.',
    );
  }
  return option;
}

/** What of a word is written like an option's name, up to `=`; nothing of one that may be a value, such as a PEM key. */
const optionName = (word: string): string | undefined =>
  /^(--[a-z]+(-[a-z]+)*|-[a-zA-Z])(?=$|=)/.exec(word)?.[0];

function takeOption(given: Map<string, string[]>, option: CommandOption, token: Token): void {
  const { name, value: placeholder, choices, repeatable } = option;
  const { value, inlineValue } = token;
  const before = given.get(name) ?? [];
  if (before.length > 0 && !repeatable && placeholder !== undefined) {
    throw usageError(`--${name} is given twice.`);
  }
  if (placeholder === undefined) {
    if (value !== undefined) throw usageError(`--${name} takes no value.`);
    given.set(name, ['']);
    return;
  }
  if (value === undefined) throw usageError(`--${name} needs a value: --${name} ${placeholder}.`);
  // `--value --json` is a forgotten value far more often than a value that starts with `-`.
  if (!inlineValue && value.startsWith('-') && value !== '-') {
    throw usageError(
      `--${name} needs a value, and an option follows it.`,
      `A value that starts with \`-\` is written as --${name}=...`,
    );
  }
  if (choices !== undefined && !choices.includes(value)) {
    throw usageError(`--${name} is one of: ${choices.join(', ')}.`);
  }
  given.set(name, [...before, value]);
}

function checkPositionals(command: RunnableCommand, positionals: readonly string[]): void {
  const declared = command.arguments ?? [];
  const missing = declared.slice(positionals.length).find(({ optional }) => !optional);
  if (missing !== undefined) throw usageError(`${missing.name} is missing.`);
  const last = declared.at(-1);
  if (positionals.length > declared.length && !last?.repeatable) {
    throw usageError(`There are more words than the command takes (${declared.length}).`);
  }
  for (const [index, { name, choices }] of declared.entries()) {
    const word = positionals[index];
    if (word !== undefined && choices !== undefined && !choices.includes(word)) {
      throw usageError(`${name} is one of: ${choices.join(', ')}.`);
    }
  }
}
