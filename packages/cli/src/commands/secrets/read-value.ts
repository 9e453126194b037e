import type { CommandInput, CommandTerminal } from '@coffer/contract';
import { CofferError } from '@coffer/contract/errors';
import { usageError } from '../../terminal/usage.ts';
import { readBytes } from './read-bytes.ts';

/** Far above what the server takes; a larger file is a mistake and not read at all. */
const fileMaxBytes = 1024 * 1024;

interface ValueSource {
  /** Asked for under this name where a person is there. */
  readonly name: string;
  /** The VALUE word, of the forms that have one. */
  readonly word?: string | undefined;
  /** Whether the typed characters stay unseen; true unless told otherwise. */
  readonly hidden?: boolean;
}

/** The value, from wherever it was given, or typed by a person. */
export async function readValue(
  given: CommandInput,
  terminal: CommandTerminal,
  source: ValueSource,
): Promise<string> {
  const value = await findValue(given, terminal, source.word);
  if (value !== undefined) return value;
  if (!terminal.interactive) {
    throw new CofferError('value_required', {
      detail: `No value for ${source.name} was given, and there is no terminal to ask on.`,
      hint: 'Pipe it in: --value-file - reads it from stdin.',
    });
  }
  const typed = await terminal.ask(`Enter value for ${source.name}:`, { hidden: source.hidden ?? true });
  return checkTyped(typed);
}

/** The value where one was given on the command line or in a file. */
export async function findValue(
  given: CommandInput,
  terminal: CommandTerminal,
  word?: string,
): Promise<string | undefined> {
  const text = given.text('value');
  const file = given.text('value-file');
  if ([word, text, file].filter((source) => source !== undefined).length > 1) {
    throw usageError('The value is given more than once.', 'Use one of VALUE, --value and --value-file.');
  }
  if (file !== undefined) return refuseEmpty(await readValueFile(file, 'value-file'));
  const typed = text ?? word;
  if (typed === undefined) return undefined;
  if (!given.has('plain')) sayHistory(terminal, 'leave it out to be asked for it');
  return checkTyped(typed);
}

/** Node turns bytes of the command line that are not UTF-8 into U+FFFD, so what was meant is lost. */
function checkTyped(value: string): string {
  if (value.includes('\uFFFD')) {
    throw new CofferError('value_invalid', {
      detail: 'The value holds U+FFFD, which stands for bytes that are not UTF-8 text.',
      hint: 'Give it by --value-file PATH (- for stdin), which keeps every character.',
    });
  }
  return refuseEmpty(value);
}

/** The values of `--value-for` and `--value-file-for`, by environment; undefined where neither is given. */
export async function findValues(
  given: CommandInput,
  terminal: CommandTerminal,
): Promise<Record<string, string> | undefined> {
  const values = new Map<string, string>();
  for (const option of ['value-for', 'value-file-for'] as const) {
    for (const text of given.texts(option)) {
      const { environment, rest } = splitPair(option, text);
      if (values.has(environment)) throw usageError('Two values are given for one environment.');
      values.set(
        environment,
        option === 'value-for' ? checkTyped(rest) : refuseEmpty(await readValueFile(rest, option)),
      );
    }
  }
  if (values.size === 0) return undefined;
  if (['value', 'value-file', 'environment'].some((option) => given.has(option))) {
    throw usageError(
      'Values by environment are given together with --value, --value-file or --env.',
      'Give all of them by --value-for and --value-file-for; * is the common value.',
    );
  }
  if (given.has('value-for') && !given.has('plain'))
    sayHistory(terminal, '--value-file-for reads it from a file');
  return Object.fromEntries(values);
}

function sayHistory(terminal: CommandTerminal, instead: string): void {
  if (terminal.interactive) terminal.say(`hint: the value stays in the shell history; ${instead}`);
}

function splitPair(option: string, text: string): { readonly environment: string; readonly rest: string } {
  const at = text.indexOf('=');
  if (at < 1) throw usageError(`--${option} begins with an environment and =, as in production=...`);
  return { environment: text.slice(0, at), rest: text.slice(at + 1) };
}

function refuseEmpty(value: string): string {
  if (value === '') {
    throw new CofferError('value_empty', {
      detail: 'The value is empty.',
      hint: 'To take a value away, delete the secret or its value.',
    });
  }
  return value;
}

async function readValueFile(path: string, option: string): Promise<string> {
  const bytes = await readBytes(path, { option, maxBytes: fileMaxBytes });
  return decode(bytes).replace(/\r?\n$/, '');
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CofferError('value_invalid', {
      detail: 'The value is not UTF-8 text.',
      hint: 'Encode it, as with base64, and have the agent decode it.',
    });
  }
}
