import type { Pattern } from './patterns.ts';

// Patterns of similar length share a filter, so that one short value does not slow down the search for long ones.
const SHORTEST_OF_GROUP = [16, 10, 1];
const LONGEST_GRAM = 8;
const LONGEST_STRIDE = 16;
/** A probe reads this many bytes, whatever the gram's length. */
export const PROBE_BYTES = 8;
const BITS_PER_GRAM = 16;
const FEWEST_BITS_LOG2 = 13;
const MOST_BITS_LOG2 = 23;

export function buildGramFilters(patterns: readonly Pattern[]): GramFilter[] {
  return SHORTEST_OF_GROUP.map((shortest, group) => {
    const below = SHORTEST_OF_GROUP[group - 1] ?? Infinity;
    return patterns.filter((pattern) => pattern.enough >= shortest && pattern.enough < below);
  }).flatMap((members) => (members.length === 0 ? [] : [new GramFilter(members)]));
}

/**
 * Says where a pattern may start without looking at every byte. A pattern's first `stride` grams are in a table;
 * a text that is probed once in every `stride` places meets one of them wherever the pattern starts. A gram is at
 * most half as long as the shortest pattern, so that a pattern cut in two keeps a gram before or after the cut.
 */
export class GramFilter {
  readonly stride: number;
  readonly gram: number;
  /** How many of a pattern's first bytes its grams cover. */
  readonly reach: number;
  readonly #lowMask: number;
  readonly #highMask: number;
  readonly #shift: number;
  readonly #bits: Uint8Array;
  readonly #fingerprints: Int32Array;

  constructor(patterns: readonly Pattern[]) {
    const shortest = patterns.reduce((length, pattern) => Math.min(length, pattern.enough), Infinity);
    const gram = Math.min(LONGEST_GRAM, (shortest + 1) >>> 1);
    this.gram = gram;
    this.stride = Math.min(LONGEST_STRIDE, shortest - gram + 1);
    this.reach = this.stride + gram - 1;
    this.#lowMask = gram >= 4 ? -1 : (1 << (gram * 8)) - 1;
    this.#highMask = gram === 8 ? -1 : (1 << (Math.max(0, gram - 4) * 8)) - 1;
    const wanted = Math.ceil(Math.log2(patterns.length * this.stride * BITS_PER_GRAM));
    const bitsLog2 = Math.min(MOST_BITS_LOG2, Math.max(FEWEST_BITS_LOG2, wanted));
    this.#shift = 32 - bitsLog2;
    this.#bits = new Uint8Array(1 << (bitsLog2 - 3));
    this.#fingerprints = new Int32Array(2 ** (Math.ceil(Math.log2(patterns.length * this.stride)) + 1));
    const window = new DataView(new ArrayBuffer(LONGEST_STRIDE + LONGEST_GRAM));
    for (const pattern of patterns) this.#insert(pattern, window);
  }

  /** The first of `from`, `from + stride`, ... where a gram may stand, or -1 if no probe fits any more. */
  find(view: DataView, from: number): number {
    const bits = this.#bits;
    const shift = this.#shift;
    const lowMask = this.#lowMask;
    const highMask = this.#highMask;
    const stride = this.stride;
    const last = view.byteLength - PROBE_BYTES;
    for (let at = from; at <= last; at += stride) {
      const low = view.getInt32(at, true) & lowMask;
      const high = view.getInt32(at + 4, true) & highMask;
      const first = hashGram(low, high) >>> shift;
      if (((bits[first >>> 3] as number) & (1 << (first & 7))) !== 0 && this.#isListed(low, high)) return at;
    }
    return -1;
  }

  has(view: DataView, at: number): boolean {
    const low = view.getInt32(at, true) & this.#lowMask;
    const high = view.getInt32(at + 4, true) & this.#highMask;
    const first = hashGram(low, high) >>> this.#shift;
    return ((this.#bits[first >>> 3] as number) & (1 << (first & 7))) !== 0 && this.#isListed(low, high);
  }

  /** The table decides what the bits only suspect: text that repeats would meet the same false bit in every line. */
  #isListed(low: number, high: number): boolean {
    const fingerprint = fingerprintGram(low, high);
    const mask = this.#fingerprints.length - 1;
    for (let slot = fingerprint & mask; ; slot = (slot + 1) & mask) {
      const found = this.#fingerprints[slot] as number;
      if (found === fingerprint) return true;
      if (found === 0) return false;
    }
  }

  #insert(pattern: Pattern, window: DataView): void {
    for (let at = 0; at < window.byteLength; at++) {
      window.setUint8(at, at < this.reach ? pattern.bytes.charCodeAt(at) : 0);
    }
    for (let at = 0; at < this.stride; at++) {
      const low = window.getInt32(at, true) & this.#lowMask;
      const high = window.getInt32(at + 4, true) & this.#highMask;
      const bit = hashGram(low, high) >>> this.#shift;
      this.#bits[bit >>> 3] = (this.#bits[bit >>> 3] as number) | (1 << (bit & 7));
      this.#list(fingerprintGram(low, high));
    }
  }

  #list(fingerprint: number): void {
    const mask = this.#fingerprints.length - 1;
    let slot = fingerprint & mask;
    while (this.#fingerprints[slot] !== 0 && this.#fingerprints[slot] !== fingerprint)
      slot = (slot + 1) & mask;
    this.#fingerprints[slot] = fingerprint;
  }
}

// The upper bits of a sum of odd multiples depend on every bit of both words.
function hashGram(low: number, high: number): number {
  return (Math.imul(low, 0x9e3779b1) + Math.imul(high, 0x85ebca6b)) | 0;
}

/** Never 0, which marks an empty slot. */
function fingerprintGram(low: number, high: number): number {
  const mixed = (Math.imul(low, 0xc2b2ae35) + Math.imul(high, 0x27d4eb2f)) | 0;
  return Math.imul(mixed ^ (mixed >>> 15), 0x165667b1) ^ (mixed >>> 13) || 1;
}
