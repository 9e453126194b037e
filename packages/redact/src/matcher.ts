import type { Automaton } from './automaton.ts';
import { BROKEN, GROUND, LEXER, LONGEST_INTERRUPTION, STATE_MASK, TEXT } from './interruption.ts';
import type { Masks } from './masks.ts';

/** At this depth or less, the filter finds again whatever is being matched: a gram is longer. */
const SHALLOW = 2;
/** How many bytes of a possible match an idle release may give out. */
const HARMLESS_BYTES = 2;

/**
 * Runs the automaton over every byte twice: on the bytes as they are, and on the text that is left without
 * interruptions. The two are one as long as no interruption lies inside what is being matched.
 */
export class Matcher {
  readonly #automaton: Automaton;
  readonly #masks: Masks;
  /** Places in the stream of the last text bytes, filled only while the two differ. */
  #places = new Float64Array(0);
  #placed = 0;
  #raw = 0;
  #text = 0;
  #lexer = GROUND;
  #gap = 0;
  #base = 0;
  /** Both runs are in the same place for the same bytes, so one of them will do. */
  #isPlain = true;

  constructor(automaton: Automaton, masks: Masks) {
    this.#automaton = automaton;
    this.#masks = masks;
  }

  /** The stream's place of the next chunk's first byte. */
  startChunk(base: number): void {
    this.#base = base;
  }

  /** Forgets what is being matched: the next byte is one that no pattern under way can reach. */
  restart(): void {
    this.#raw = 0;
    this.#text = 0;
    this.#lexer = GROUND;
    this.#isPlain = true;
  }

  /** How many bytes before the current one are being matched, where `run` stopped early. */
  get depth(): number {
    return this.#automaton.getDepth(this.#raw);
  }

  /**
   * Matches from `from` and stops at `until` or at the first later place where nothing of note is under way;
   * returns where it stopped.
   */
  run(bytes: Uint8Array, from: number, until: number): number {
    let at = from;
    while (at < bytes.length) {
      if (this.#isPlain) {
        at = this.#runPlain(bytes, at, until);
        if (at === bytes.length || (at >= until && this.depth <= SHALLOW && this.depth <= at)) return at;
        this.#placeMatched(at);
      }
      this.#step(bytes[at] as number, at);
      at++;
    }
    return at;
  }

  /** Where the earliest possible match begins; `end` is the stream's place after the last byte. */
  findAlive(end: number): number {
    const rawStart = end - this.depth;
    const textDepth = this.#automaton.getDepth(this.#text);
    return this.#isPlain || textDepth === 0 ? rawStart : Math.min(rawStart, this.#placeBack(textDepth));
  }

  /** Up to where the bytes of every possible match are too few to do harm. */
  findHarmless(end: number): number {
    const rawDepth = this.depth;
    const textDepth = this.#automaton.getDepth(this.#text);
    const rawEnd = rawDepth <= HARMLESS_BYTES ? end : end - rawDepth + HARMLESS_BYTES;
    if (this.#isPlain) return rawEnd;
    return textDepth <= HARMLESS_BYTES
      ? rawEnd
      : Math.min(rawEnd, this.#placeBack(textDepth - HARMLESS_BYTES));
  }

  /** The quick part of `run`: stops at an interruption's first byte, or where `run` may stop. */
  #runPlain(bytes: Uint8Array, from: number, until: number): number {
    const automaton = this.#automaton;
    let node = this.#raw;
    let at = from;
    for (; at < bytes.length; at++) {
      if (at >= until && automaton.getDepth(node) <= Math.min(SHALLOW, at)) break;
      const byte = bytes[at] as number;
      if (byte < 28 && LEXER[byte] !== TEXT) break;
      node = automaton.next(node, byte);
      if (automaton.getHitNames(node) !== 0) this.#addHit(node, at);
    }
    this.#raw = node;
    this.#text = node;
    return at;
  }

  #step(byte: number, at: number): void {
    const automaton = this.#automaton;
    const action = LEXER[(this.#lexer << 8) | byte] as number;
    this.#raw = automaton.next(this.#raw, byte);
    if (automaton.getHitNames(this.#raw) !== 0) this.#addHit(this.#raw, at);
    if ((action & BROKEN) !== 0) this.#text = 0;
    this.#lexer = action & STATE_MASK;
    if ((action & TEXT) === 0) {
      this.#gap++;
      if (this.#gap > LONGEST_INTERRUPTION) this.#text = 0;
      return;
    }
    this.#gap = 0;
    this.#text = automaton.next(this.#text, byte);
    const end = this.#base + at + 1;
    this.#place(end - 1);
    const depth = automaton.getDepth(this.#text);
    this.#isPlain = this.#text === this.#raw && (depth === 0 || this.#placeBack(depth) === end - depth);
    const names = automaton.getHitNames(this.#text);
    if (names === 0) return;
    this.#masks.add({ start: this.#placeBack(automaton.getHitLength(this.#text)), end, names });
  }

  #addHit(node: number, at: number): void {
    const automaton = this.#automaton;
    const end = this.#base + at + 1;
    const names = automaton.getHitNames(node);
    this.#masks.add({ start: end - automaton.getHitLength(node), end, names });
  }

  #placeMatched(at: number): void {
    this.#isPlain = false;
    if (this.#places.length === 0) {
      this.#places = new Float64Array(2 ** Math.ceil(Math.log2(this.#automaton.longest + 1)));
    }
    this.#gap = 0;
    const depth = this.#automaton.getDepth(this.#text);
    for (let back = depth; back > 0; back--) this.#place(this.#base + at - back);
  }

  #place(place: number): void {
    this.#places[this.#placed & (this.#places.length - 1)] = place;
    this.#placed++;
  }

  #placeBack(count: number): number {
    return this.#places[(this.#placed - count) & (this.#places.length - 1)] as number;
  }
}
