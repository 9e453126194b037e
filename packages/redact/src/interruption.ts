// What may stand inside a value without being part of it: a terminal's escape sequence (CSI, or a character set
// selection), a shift of the character set, and a line break with the indentation after it. Lexed byte by byte, so
// a chunk may end anywhere.
//
//   ESC '[' 0x30-0x3f* 0x20-0x2f* 0x40-0x7e        CSI (ECMA-48 5.4)
//   ESC 0x20-0x2f+ 0x30-0x7e                       ECMA-35 nF sequence, e.g. ESC ( B
//   SO | SI                                        shift (ECMA-35 6.2), which `sgr0` of tmux and screen ends with
//   (CR | LF) (CR | LF | space | tab | NUL | shift | sequence)*
//
// A sequence whose ESC a NUL follows is wide, as in UTF-16: NULs may stand anywhere in it, and one after it, as after
// a shift. So in either byte order as many zero bytes stay beside a value's characters as it has without the
// interruption.

import { fromLatin1, toLatin1 } from './latin1.ts';

export const GROUND = 0;
const INDENT = 1;
const ESCAPE = 2;
const PARAMETER = 4;
const INTERMEDIATE = 6;
const CHARSET = 8;
/** Added to the state of a narrow sequence. */
const WIDE = 8;
const AFTER_WIDE = 18;
const STATES = 20;
/** Set beside the next state: the byte is text. Without it the byte belongs to the interruption. */
export const TEXT = 32;
/** Set beside the next state: what began as an escape sequence is none, and ended before this byte. */
export const BROKEN = 64;
export const STATE_MASK = 31;
/** A longer interruption separates what stands before it from what follows: it bounds what a stream holds. */
export const LONGEST_INTERRUPTION = 128;

/** `LEXER[state << 8 | byte]`: next state and flags. Odd states return to INDENT, even ones to GROUND. */
export const LEXER = buildLexer();

function buildLexer(): Uint8Array {
  const table = new Uint8Array(STATES << 8);
  for (let byte = 0; byte < 256; byte++) {
    table[(GROUND << 8) | byte] = fromGround(byte);
    table[(INDENT << 8) | byte] = fromIndent(byte);
    for (const back of [GROUND, INDENT]) {
      const set = (state: number, next: number): void => {
        table[((state + back) << 8) | byte] = next;
      };
      const within = (low: number, high: number): boolean => byte >= low && byte <= high;
      for (const wide of [0, WIDE]) {
        const broken = BROKEN | fromGround(byte);
        const end = wide === 0 ? back : AFTER_WIDE + back;
        const inside = (state: number): number => state + wide + back;
        const ended = within(0x40, 0x7e) ? end : broken;
        const intermediate = within(0x20, 0x2f) ? inside(INTERMEDIATE) : ended;
        const charset = within(0x20, 0x2f) ? inside(CHARSET) : broken;
        set(ESCAPE + wide, byte === 0x5b ? inside(PARAMETER) : charset);
        set(PARAMETER + wide, within(0x30, 0x3f) ? inside(PARAMETER) : intermediate);
        set(INTERMEDIATE + wide, intermediate);
        set(CHARSET + wide, within(0x30, 0x7e) ? end : charset);
      }
      set(AFTER_WIDE, back === GROUND ? fromGround(byte) : fromIndent(byte));
    }
  }
  for (const back of [GROUND, INDENT]) {
    table[(ESCAPE + back) << 8] = ESCAPE + WIDE + back;
    for (const state of [ESCAPE, PARAMETER, INTERMEDIATE, CHARSET])
      table[(state + WIDE + back) << 8] = state + WIDE + back;
    table[(AFTER_WIDE + back) << 8] = back;
  }
  return table;
}

function fromGround(byte: number): number {
  if (byte === 0x0a || byte === 0x0d) return INDENT;
  if (isShift(byte)) return AFTER_WIDE;
  return byte === 0x1b ? ESCAPE : GROUND | TEXT;
}

function fromIndent(byte: number): number {
  if (isBlank(byte) || byte === 0) return INDENT;
  if (isShift(byte)) return AFTER_WIDE + INDENT;
  return byte === 0x1b ? ESCAPE + INDENT : fromGround(byte);
}

const SEQUENCE =
  /\x1b(?:\[[0-?]*[ -/]*[@-~]|[ -/]+[0-~]|\0+(?:\[[0-?\0]*[ -/\0]*[@-~]|[ -/][ -/\0]*[0-~])\0?)/g;

/** The escape sequences among `bytes`: colours that a mask must not swallow, or the rest of the line keeps them. */
export function pickSequences(bytes: Uint8Array): Uint8Array {
  return fromLatin1((toLatin1(bytes).match(SEQUENCE) ?? []).join(''));
}

/** A pattern as it reads when its own line breaks and shifts count as interruptions, without blanks at either end. */
export function stripInterruptions(pattern: string): string {
  const hasBreaks = /[\r\n\x0e\x0f]/.test(pattern);
  const joined = hasBreaks
    ? pattern.replace(/[\r\n](?:[\r\n\t \0]|[\x0e\x0f]\0?)*|[\x0e\x0f]\0?/g, '')
    : pattern;
  const hasBlanks = isBlank(joined.charCodeAt(0)) || isBlank(joined.charCodeAt(joined.length - 1));
  return hasBlanks ? joined.replace(/^[\t ]+|[\t ]+$/g, '') : joined;
}

/** SO and SI. */
function isShift(code: number): boolean {
  return code === 0x0e || code === 0x0f;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
