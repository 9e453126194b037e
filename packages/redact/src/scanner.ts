import type { GramFilter } from './gram-filter.ts';
import { PROBE_BYTES } from './gram-filter.ts';
import type { InterruptionList } from './interruption-list.ts';
import type { Matcher } from './matcher.ts';

const NEVER = 0x7fffffff;
/** Below this size a chunk goes through the matcher byte by byte. */
const SMALLEST_SKIMMED = 64;
/** Bounds the list of interruptions. */
export const LARGEST_BLOCK = 1 << 18;

/**
 * Skips over text in which no pattern can begin, and has the matcher look at the rest. What it skips would leave
 * the matcher where it started, so hits do not depend on how the stream is cut into chunks.
 */
export class Scanner {
  readonly #filters: readonly GramFilter[];
  readonly #interruptions: InterruptionList;
  readonly #probes: Int32Array;
  readonly #reach: number;
  readonly #tail: number;

  constructor(filters: readonly GramFilter[], interruptions: InterruptionList) {
    this.#filters = filters;
    this.#interruptions = interruptions;
    this.#probes = new Int32Array(filters.length);
    this.#reach = filters.reduce((reach, filter) => Math.max(reach, filter.reach), 0);
    this.#tail = filters.reduce((stride, filter) => Math.max(stride, filter.stride), 0) + PROBE_BYTES - 1;
  }

  scan(matcher: Matcher, block: Uint8Array): void {
    if (block.length < SMALLEST_SKIMMED) {
      matcher.run(block, 0, NEVER);
      return;
    }
    let at = matcher.run(block, 0, 0);
    if (at === block.length) return;
    const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
    this.#interruptions.fill(block, view, at);
    this.#probes.fill(-1);
    while (at < block.length) {
      const stretch = this.#findStretch(view, at, at - matcher.depth);
      if (stretch.start > at) {
        at = this.#interruptions.moveOut(stretch.start);
        matcher.restart();
      }
      at = matcher.run(block, at, stretch.end);
    }
  }

  /** The next stretch in which a pattern may begin; every pattern that begins before `floor` was dealt with. */
  #findStretch(view: DataView, at: number, floor: number): { start: number; end: number } {
    const stretch = { start: Math.max(at, view.byteLength - this.#tail), end: NEVER };
    for (const [index, filter] of this.#filters.entries()) {
      let probe = this.#probes[index] as number;
      if (probe < floor) {
        probe = filter.find(view, Math.max(floor + filter.stride - 1, probe));
        if (probe === -1) probe = NEVER;
        this.#probes[index] = probe;
      }
      if (probe - filter.stride + 1 < stretch.start) {
        stretch.start = probe - filter.stride + 1;
        stretch.end = probe + filter.gram;
      }
    }
    const suspect = this.#interruptions.findSuspect(at);
    if (suspect !== undefined) {
      const start = Math.max(suspect.start - this.#reach + 1, suspect.previousEnd);
      if (start < stretch.start) {
        stretch.start = start;
        stretch.end = suspect.end;
      }
    }
    return stretch;
  }
}
