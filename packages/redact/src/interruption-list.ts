import type { GramFilter } from './gram-filter.ts';
import { PROBE_BYTES } from './gram-filter.ts';
import { BROKEN, GROUND, LEXER, LONGEST_INTERRUPTION, STATE_MASK, TEXT } from './interruption.ts';

interface Suspect {
  start: number;
  end: number;
  /** Where the interruption before it ends. */
  previousEnd: number;
}

/** The interruptions of one chunk, in order, and whether a pattern may reach across each. */
export class InterruptionList {
  readonly #filters: readonly GramFilter[];
  #starts = new Int32Array(1024);
  #ends = new Int32Array(1024);
  #suspects = new Uint8Array(1024);
  #count = 0;
  #next = 0;
  #nextSuspect = 0;

  constructor(filters: readonly GramFilter[]) {
    this.#filters = filters;
  }

  /** Lists what begins at `from` or later; `from` is not inside an interruption. */
  fill(bytes: Uint8Array, view: DataView, from: number): void {
    this.#count = 0;
    this.#next = 0;
    this.#nextSuspect = 0;
    let at = from;
    const wordsEnd = bytes.length - 3;
    while (at < bytes.length) {
      // Four bytes at a time: bit 7 of a lane is set if that byte, or a lower one in the word, is below 0x1c.
      while (at < wordsEnd) {
        const word = view.getInt32(at, true);
        if (((word - 0x1c1c1c1c) & ~word & 0x80808080) !== 0) break;
        at += 4;
      }
      const end = Math.min(at + 4, bytes.length);
      while (at < end) {
        const byte = bytes[at] as number;
        if (byte < 28 && LEXER[byte] !== TEXT) break;
        at++;
      }
      if (at < end) at = this.#append(bytes, view, at);
    }
  }

  /** Passes over what ends at `place` or before, and says where the one that `place` lies in begins. */
  moveOut(place: number): number {
    while (this.#next < this.#count && (this.#ends[this.#next] as number) <= place) this.#next++;
    return this.#next < this.#count ? Math.min(place, this.#starts[this.#next] as number) : place;
  }

  /** The next interruption, from `place` on, that a pattern may reach across; ask for places in rising order. */
  findSuspect(place: number): Suspect | undefined {
    let index = this.#nextSuspect;
    while (index < this.#count && (this.#suspects[index] === 0 || (this.#starts[index] as number) < place))
      index++;
    this.#nextSuspect = index;
    if (index === this.#count) return undefined;
    const previousEnd = index === 0 ? 0 : (this.#ends[index - 1] as number);
    return { start: this.#starts[index] as number, end: this.#ends[index] as number, previousEnd };
  }

  #append(bytes: Uint8Array, view: DataView, start: number): number {
    let end = start;
    let isBroken = false;
    for (let state = GROUND; end < bytes.length; end++) {
      const action = LEXER[(state << 8) | (bytes[end] as number)] as number;
      if ((action & BROKEN) !== 0) isBroken = true;
      if ((action & TEXT) !== 0) break;
      state = action & STATE_MASK;
    }
    if (this.#count === this.#starts.length) this.#grow();
    this.#starts[this.#count] = start;
    this.#ends[this.#count] = end;
    const isSuspect = isBroken || (end - start <= LONGEST_INTERRUPTION && this.#mayCut(view, start, end));
    this.#suspects[this.#count] = isSuspect ? 1 : 0;
    this.#count++;
    return end;
  }

  #mayCut(view: DataView, start: number, end: number): boolean {
    const before = this.#count === 0 ? 0 : (this.#ends[this.#count - 1] as number);
    if (start - before < PROBE_BYTES) {
      if (this.#count > 0) this.#suspects[this.#count - 1] = 1;
      return true;
    }
    if (end + PROBE_BYTES > view.byteLength) return true;
    return this.#filters.some((filter) => filter.has(view, start - filter.gram) || filter.has(view, end));
  }

  #grow(): void {
    const [starts, ends, suspects] = [this.#starts, this.#ends, this.#suspects];
    this.#starts = new Int32Array(starts.length * 2);
    this.#ends = new Int32Array(starts.length * 2);
    this.#suspects = new Uint8Array(starts.length * 2);
    this.#starts.set(starts);
    this.#ends.set(ends);
    this.#suspects.set(suspects);
  }
}
