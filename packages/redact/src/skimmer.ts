import type { GramFilter } from './gram-filter.ts';
import { SkimMemory } from './skim-memory.ts';

const CELL_LOG2 = 4;
const NEVER = 0x7fffffff;

// One memory serves all sets of a process: they take turns, and loading one costs little beside compiling it.
let shared: SkimMemory | undefined;
let loaded = 0;
let skimmers = 0;

/** Finds the cells of a block, of 16 bytes each, in which a pattern may begin or go on. */
export class Skimmer {
  readonly #id = ++skimmers;
  readonly #filters: readonly GramFilter[];
  readonly #text: Uint8Array;

  /** The filters' patterns stand in `text`. */
  constructor(filters: readonly GramFilter[], text: Uint8Array) {
    this.#filters = filters;
    this.#text = text;
  }

  /** Looks at a block; the answer holds until the next. `from` is not inside an interruption. */
  skim(block: Uint8Array, from: number, floor: number): SkimmedBlock {
    shared ??= new SkimMemory();
    if (loaded !== this.#id) {
      shared.load(this.#filters, this.#text);
      loaded = this.#id;
    }
    return new SkimmedBlock(shared, block.length, shared.mark(block, from, floor));
  }
}

export class SkimmedBlock {
  readonly #bytes: Uint8Array;
  readonly #marks: number;
  readonly #cells: number;
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;

  constructor(memory: SkimMemory, length: number, interruptions: number) {
    this.#bytes = memory.bytes;
    this.#marks = memory.at('MARKS');
    this.#cells = (length + (1 << CELL_LOG2) - 1) >>> CELL_LOG2;
    this.#starts = new Int32Array(memory.bytes.buffer, memory.at('STARTS'), interruptions);
    this.#ends = new Int32Array(memory.bytes.buffer, memory.at('ENDS'), interruptions);
  }

  /** The first place from `place` on that is in a marked cell; the last cell always is. */
  findMarked(place: number): number {
    const cell = this.#bytes.indexOf(1, this.#marks + (place >>> CELL_LOG2)) - this.#marks;
    return Math.max(place, cell << CELL_LOG2);
  }

  /** Where the marked cells that `place` is in end; never, if they reach the end of the block. */
  findEnd(place: number): number {
    const cell = this.#bytes.indexOf(0, this.#marks + (place >>> CELL_LOG2)) - this.#marks;
    return cell < this.#cells ? cell << CELL_LOG2 : NEVER;
  }

  /** Where the interruption that `place` lies in begins, or `place`. */
  moveOut(place: number): number {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#starts[middle] as number) < place) low = middle + 1;
      else high = middle;
    }
    return low > 0 && (this.#ends[low - 1] as number) > place ? (this.#starts[low - 1] as number) : place;
  }
}
