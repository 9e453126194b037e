/*
 * The `.env` format, as people write it by hand:
 *
 *   # a comment                       a whole line; empty lines are ignored too
 *   NAME=value                        split at the first `=`; spaces around both are trimmed
 *   export NAME=value                 `export ` is dropped
 *   NAME=one word # a comment         an unquoted value ends before space or tab and `#`
 *   NAME=a#b=c:d/e@f\@g               everything else is the value's own; nothing is expanded
 *   NAME='as it is, # and \n too'     single quotes: verbatim
 *   NAME="a\tb \"c\" \\"              double quotes: \n \r \t \" \\ are unescaped, other backslashes stay
 *
 * A quoted value may span lines; after its closing quote only a comment may follow. Lines end with LF,
 * CRLF or CR (a line end within quotes becomes LF), and a byte-order mark is dropped.
 */

/** Why a file does not parse. None quotes the file, so that no value gets into an error. */
export const dotenvReasons = {
  no_equals_sign: 'the line is no comment and has no "="',
  name_missing: 'there is no name before the "="',
  name_invalid: 'the name is not valid for an environment variable',
  quote_not_closed: 'the value begins with a quote that is never closed',
  text_after_quote: 'there is text after the closing quote',
} as const;

export type DotenvReason = keyof typeof dotenvReasons;

export interface DotenvEntry {
  readonly name: string;
  readonly value: string;
  /** Counted from 1: where the entry begins. */
  readonly line: number;
}

/** A name that is in the file twice; the last one counts. */
export interface DotenvDuplicate {
  readonly name: string;
  readonly line: number;
  readonly earlierLine: number;
}

export interface Dotenv {
  /** In the order of the file, each name once. */
  readonly entries: readonly DotenvEntry[];
  /** Names without a value. */
  readonly blanks: readonly string[];
  readonly warnings: readonly DotenvDuplicate[];
}

export interface DotenvFailure {
  readonly line: number;
  readonly reason: DotenvReason;
}

export type DotenvResult =
  { readonly ok: true; readonly value: Dotenv } | { readonly ok: false; readonly error: DotenvFailure };

/** The contract's rule for names of environment variables. */
const namePattern = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
const ignoredLine = /^[ \t]*(#.*)?$/;

/** Parses a whole file; the first line that does not parse fails it. */
export function parseDotenv(text: string): DotenvResult {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const found = new Map<string, DotenvEntry>();
  const warnings: DotenvDuplicate[] = [];
  for (let index = 0; index < lines.length;) {
    if (ignoredLine.test(lines[index] ?? '')) {
      index += 1;
      continue;
    }
    const parsed = parseEntry(lines, index);
    if ('reason' in parsed) return { ok: false, error: { line: index + 1, reason: parsed.reason } };
    const { name, value } = parsed;
    const entry = { name, value, line: index + 1 };
    const earlier = found.get(name);
    if (earlier !== undefined) warnings.push({ name, line: entry.line, earlierLine: earlier.line });
    found.delete(name);
    found.set(name, entry);
    index = parsed.nextIndex;
  }
  const all = [...found.values()];
  const entries = all.filter(({ value }) => value !== '');
  const blanks = all.filter(({ value }) => value === '').map(({ name }) => name);
  return { ok: true, value: { entries, blanks, warnings } };
}

interface Parsed {
  readonly value: string;
  readonly nextIndex: number;
}
interface Failed {
  readonly reason: DotenvReason;
}

function parseEntry(lines: readonly string[], index: number): (Parsed & { readonly name: string }) | Failed {
  const line = lines[index] ?? '';
  const equals = line.indexOf('=');
  if (equals === -1) return { reason: 'no_equals_sign' };
  const name = trim(line.slice(0, equals)).replace(/^export[ \t]+/, '');
  if (name === '') return { reason: 'name_missing' };
  if (!namePattern.test(name)) return { reason: 'name_invalid' };
  const parsed = parseValue(lines, { index, column: equals + 1 });
  return 'reason' in parsed ? parsed : { name, ...parsed };
}

interface Position {
  readonly index: number;
  readonly column: number;
}

function parseValue(lines: readonly string[], at: Position): Parsed | Failed {
  const rest = (lines[at.index] ?? '').slice(at.column);
  const quote = /^[ \t]*(['"])/.exec(rest)?.[1];
  if (quote === undefined) return { value: trim(rest.replace(/[ \t]#.*$/, '')), nextIndex: at.index + 1 };
  return parseQuoted(lines, { index: at.index, column: at.column + rest.indexOf(quote) + 1 }, quote);
}

function parseQuoted(lines: readonly string[], opened: Position, quote: string): Parsed | Failed {
  const kept: string[] = [];
  for (let { index, column } = opened; index < lines.length; index += 1, column = 0) {
    const line = (lines[index] ?? '').slice(column);
    const end = findClosingQuote(line, quote);
    if (end === undefined) {
      kept.push(line);
      continue;
    }
    if (!/^[ \t]*(?:[ \t]#.*)?$/.test(line.slice(end + 1))) return { reason: 'text_after_quote' };
    const text = [...kept, line.slice(0, end)].join('\n');
    return { value: quote === '"' ? unescape(text) : text, nextIndex: index + 1 };
  }
  return { reason: 'quote_not_closed' };
}

/** In double quotes a backslash takes the next character with it. */
function findClosingQuote(line: string, quote: string): number | undefined {
  for (let index = 0; index < line.length; index += 1) {
    if (line[index] === quote) return index;
    if (quote === '"' && line[index] === '\\') index += 1;
  }
  return undefined;
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };

const unescape = (text: string): string =>
  text.replace(/\\([nrt"\\])/g, (_, letter: string) => escapes[letter] ?? letter);

/** Spaces and tabs only: a pasted no-break space may belong to the value. */
function trim(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isBlank(text[from])) from += 1;
  while (to > from && isBlank(text[to - 1])) to -= 1;
  return text.slice(from, to);
}

const isBlank = (character: string | undefined): boolean => character === ' ' || character === '\t';
