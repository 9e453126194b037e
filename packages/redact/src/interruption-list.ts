import type { GramFilter } from './gram-filter.ts';
import { PROBE_BYTES } from './gram-filter.ts';
import { BROKEN, LEXER, LONGEST_INTERRUPTION, STATE_MASK, TEXT } from './interruption.ts';

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
  readonly #gathered = new DataView(new ArrayBuffer(PROBE_BYTES));
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
    for (let at = from; ;) {
      at = findControl(bytes, view, at);
      if (at === bytes.length) break;
      at = LEXER[bytes[at] as number] === TEXT ? at + 1 : this.#append(bytes, at);
    }
    for (let index = 0; index < this.#count; index++) {
      if (this.#suspects[index] === 0 && this.#mayBeCrossed(view, index)) this.#suspects[index] = 1;
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

  #append(bytes: Uint8Array, start: number): number {
    let end = start + 1;
    let isBroken = false;
    for (let state = LEXER[bytes[start] as number] as number; end < bytes.length; end++) {
      const action = LEXER[(state << 8) | (bytes[end] as number)] as number;
      if ((action & BROKEN) !== 0) isBroken = true;
      if ((action & TEXT) !== 0) break;
      state = action & STATE_MASK;
    }
    if (this.#count === this.#starts.length) this.#grow();
    this.#starts[this.#count] = start;
    this.#ends[this.#count] = end;
    this.#suspects[this.#count] = isBroken ? 1 : 0;
    this.#count++;
    return end;
  }

  /**
   * Whether a pattern may reach across, this being the first interruption in it: then a gram stands right before
   * it, or the pattern began less than a gram before it and a gram stands in the text right after it.
   */
  #mayBeCrossed(view: DataView, index: number): boolean {
    const start = this.#starts[index] as number;
    const end = this.#ends[index] as number;
    if (end - start > LONGEST_INTERRUPTION) return false;
    const previousEnd = index === 0 ? 0 : (this.#ends[index - 1] as number);
    const nextStart = index + 1 === this.#count ? view.byteLength : (this.#starts[index + 1] as number);
    const isGathered = end + PROBE_BYTES > nextStart;
    if (isGathered && !this.#gatherAfter(view, index)) return true;
    for (let group = 0; group < this.#filters.length; group++) {
      const filter = this.#filters[group] as GramFilter;
      if (isGathered ? filter.has(this.#gathered, 0) : filter.has(view, end)) return true;
      if (start - filter.gram >= previousEnd && filter.has(view, start - filter.gram)) return true;
    }
    return false;
  }

  /** Puts the text right after an interruption together, past those that follow; false if the chunk ends first. */
  #gatherAfter(view: DataView, index: number): boolean {
    let at = this.#ends[index] as number;
    let next = index + 1;
    for (let gathered = 0; gathered < PROBE_BYTES; gathered++) {
      while (next < this.#count && at === this.#starts[next]) at = this.#ends[next++] as number;
      if (at === view.byteLength) return false;
      this.#gathered.setUint8(gathered, view.getUint8(at++));
    }
    return true;
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

/** The first byte below 0x1c, from `from` on, or the end. */
function findControl(bytes: Uint8Array, view: DataView, from: number): number {
  let at = from;
  for (const last = bytes.length - 16; at <= last; at += 16) {
    const low = markControls(view.getInt32(at, true)) | markControls(view.getInt32(at + 4, true));
    if ((low | markControls(view.getInt32(at + 8, true)) | markControls(view.getInt32(at + 12, true))) !== 0)
      break;
  }
  for (const last = bytes.length - 4; at <= last; at += 4) {
    const marks = markControls(view.getInt32(at, true));
    if (marks !== 0) return at + ((31 - Math.clz32(marks & -marks)) >>> 3);
  }
  while (at < bytes.length && (bytes[at] as number) >= 0x1c) at++;
  return at;
}

/** Sets bit 7 of each of the word's bytes that is below 0x1c; above the lowest such byte it may be set in error. */
function markControls(word: number): number {
  return (word - 0x1c1c1c1c) & ~word & 0x80808080;
}
