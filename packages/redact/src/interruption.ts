// What may stand inside a value without being part of it: a terminal's escape sequence (CSI, or a character set
// selection), and a line break with the indentation after it. Lexed byte by byte, so a chunk may end anywhere.
//
//   ESC '[' 0x30-0x3f* 0x20-0x2f* 0x40-0x7e        CSI (ECMA-48 5.4)
//   ESC 0x20-0x2f+ 0x30-0x7e                       ECMA-35 nF sequence, e.g. ESC ( B
//   (CR | LF) (CR | LF | space | tab | sequence)*

import { fromLatin1, toLatin1 } from './latin1.ts';

export const GROUND = 0;
const INDENT = 1;
const ESCAPE = 2;
const PARAMETER = 4;
const INTERMEDIATE = 6;
const CHARSET = 8;
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
  const table = new Uint8Array(10 << 8);
  for (let byte = 0; byte < 256; byte++) {
    table[(GROUND << 8) | byte] = fromGround(byte);
    table[(INDENT << 8) | byte] = fromIndent(byte);
    for (const back of [GROUND, INDENT]) {
      const broken = BROKEN | fromGround(byte);
      const within = (low: number, high: number): boolean => byte >= low && byte <= high;
      const set = (state: number, next: number): void => {
        table[((state + back) << 8) | byte] = next;
      };
      set(ESCAPE, byte === 0x5b ? PARAMETER + back : within(0x20, 0x2f) ? CHARSET + back : broken);
      const ended = within(0x40, 0x7e) ? back : broken;
      set(INTERMEDIATE, within(0x20, 0x2f) ? INTERMEDIATE + back : ended);
      set(
        PARAMETER,
        within(0x30, 0x3f) ? PARAMETER + back : within(0x20, 0x2f) ? INTERMEDIATE + back : ended,
      );
      set(CHARSET, within(0x20, 0x2f) ? CHARSET + back : within(0x30, 0x7e) ? back : broken);
    }
  }
  return table;
}

function fromGround(byte: number): number {
  if (byte === 0x0a || byte === 0x0d) return INDENT;
  return byte === 0x1b ? ESCAPE : GROUND | TEXT;
}

function fromIndent(byte: number): number {
  if (byte === 0x20 || byte === 0x09) return INDENT;
  return byte === 0x1b ? ESCAPE + INDENT : fromGround(byte);
}

const SEQUENCE = /\x1b(?:\[[0-?]*[ -/]*[@-~]|[ -/]+[0-~])/g;

/** The escape sequences among `bytes`: colours that a mask must not swallow, or the rest of the line keeps them. */
export function pickSequences(bytes: Uint8Array): Uint8Array {
  return fromLatin1((toLatin1(bytes).match(SEQUENCE) ?? []).join(''));
}

/** A pattern as it reads when its own line breaks count as interruptions, without blanks at either end. */
export function stripInterruptions(pattern: string): string {
  const hasBreaks = pattern.includes('\n') || pattern.includes('\r');
  const joined = hasBreaks ? pattern.replace(/[\r\n][\r\n\t ]*/g, '') : pattern;
  const hasBlanks = isBlank(joined.charCodeAt(0)) || isBlank(joined.charCodeAt(joined.length - 1));
  return hasBlanks ? joined.replace(/^[\t ]+|[\t ]+$/g, '') : joined;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
