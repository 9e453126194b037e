import { decodeText, listEncodings } from './encodings.ts';
import { stripInterruptions } from './interruption.ts';
import { toLatin1 } from './latin1.ts';

/** A value with fewer characters would mask ordinary text all over. */
const MINIMUM_CHARACTERS = 6;
/** In bytes of UTF-8. */
const LONGEST_CHARACTER = 4;
const TRUNCATION_FROM_BYTES = 16;
const TRUNCATED_BYTES = 3;

/** A byte string to find, as latin-1. A hit needs its first `enough` bytes; longer hits are masked as far as they go. */
export interface Pattern {
  bytes: string;
  enough: number;
}

export function isMaskable(value: Uint8Array): boolean {
  if (value.length >= MINIMUM_CHARACTERS * LONGEST_CHARACTER && value.some(isAsciiSign)) return true;
  const text = decodeText(value);
  if (text === undefined) return value.length >= MINIMUM_CHARACTERS;
  return text.trim() !== '' && Array.from(text).length >= MINIMUM_CHARACTERS;
}

function isAsciiSign(byte: number): boolean {
  return byte > 0x20 && byte < 0x7f;
}

/** The value, its lines and, if wanted, their encodings; whatever is too short or blank is left out. */
export function listPatterns(value: Uint8Array, withEncodings: boolean): Pattern[] {
  const found = new Map<string, Pattern>();
  const add = (bytes: string, enough: number): void => {
    const known = found.get(bytes);
    if (known === undefined) found.set(bytes, { bytes, enough });
    else known.enough = Math.min(known.enough, enough);
  };
  for (const part of listParts(value)) {
    const whole = toLatin1(part);
    const mayBeCut = part.length >= TRUNCATION_FROM_BYTES;
    addWithoutLineBreaks(add, whole, mayBeCut ? TRUNCATED_BYTES : 0);
    if (mayBeCut) addWithoutLineBreaks(add, whole.slice(TRUNCATED_BYTES), TRUNCATED_BYTES);
    if (withEncodings) for (const form of listEncodings(part)) addWithoutLineBreaks(add, form, 0);
  }
  return Array.from(found.values());
}

function addWithoutLineBreaks(
  add: (bytes: string, enough: number) => void,
  bytes: string,
  cut: number,
): void {
  if (bytes.length >= MINIMUM_CHARACTERS) add(bytes, bytes.length - cut);
  const joined = stripInterruptions(bytes);
  if (joined !== bytes && joined.length >= MINIMUM_CHARACTERS) {
    add(joined, Math.max(MINIMUM_CHARACTERS, joined.length - cut));
  }
}

/** The whole value first, then each line, and each line without its indentation. */
function listParts(value: Uint8Array): Uint8Array[] {
  const parts = [value];
  if (!value.includes(10) && !value.includes(13)) return parts;
  let start = 0;
  for (let at = 0; at <= value.length; at++) {
    const byte = value[at];
    if (byte !== undefined && byte !== 10 && byte !== 13) continue;
    if (start > 0 || at < value.length) {
      const line = value.subarray(start, at);
      parts.push(...[line, trimBlanks(line)].filter((part) => isMaskable(part)));
    }
    start = at + 1;
  }
  return parts;
}

function trimBlanks(line: Uint8Array): Uint8Array {
  const isBlank = (byte: number | undefined): boolean => byte === 32 || byte === 9;
  let start = 0;
  let end = line.length;
  while (start < end && isBlank(line[start])) start++;
  while (end > start && isBlank(line[end - 1])) end--;
  return line.subarray(start, end);
}
