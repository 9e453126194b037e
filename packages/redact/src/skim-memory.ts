import type { GramFilter } from './gram-filter.ts';
import { LEXER } from './interruption.ts';
import { SKIM_MODULE } from './skim-module.ts';

// The types of WebAssembly come with those of browsers only.
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: unknown };
};

type Place =
  'BLOCK' | 'ENDS' | 'FILTERS' | 'FILTER_BYTES' | 'LARGEST_BLOCK' | 'LEXER' | 'MARKS' | 'STARTS' | 'TABLES';

/** What skim/skim.as exports. */
interface SkimExports extends Readonly<Record<Place, { readonly value: number }>> {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  insert(filter: number, pattern: number): void;
  mark(length: number, from: number, floor: number): number;
}

const PAGE_BYTES = 1 << 16;
/** `insert` reads no more of a pattern than this. */
const PREFIX_BYTES = 32;

/** The compiled search and its memory, with one set of filters in it. */
export class SkimMemory {
  readonly #exports: SkimExports;
  #view: DataView;
  /** The whole memory; a load may replace it. */
  bytes: Uint8Array;

  constructor() {
    const module = new WebAssembly.Module(Buffer.from(SKIM_MODULE, 'base64'));
    this.#exports = new WebAssembly.Instance(module).exports as SkimExports;
    this.bytes = new Uint8Array(this.#exports.memory.buffer);
    this.#view = new DataView(this.#exports.memory.buffer);
    this.bytes.set(LEXER, this.at('LEXER'));
  }

  at(place: Place): number {
    return this.#exports[place].value;
  }

  /** Makes tables of patterns, given by where they start in `text`, in place of those that were here. */
  load(filters: readonly GramFilter[], text: Uint8Array): void {
    const tableBytes = filters.map(({ wordsLog2, slotsLog2 }) => 2 ** (wordsLog2 + 3) + 2 ** (slotsLog2 + 2));
    const end = tableBytes.reduce((sum, bytes) => sum + bytes, this.at('TABLES'));
    this.#grow(end);
    this.bytes.fill(0, this.at('TABLES'), end);
    this.#view.setUint32(this.at('FILTERS'), filters.length, true);
    let tables = this.at('TABLES');
    for (const [index, filter] of filters.entries()) {
      const address = this.at('FILTERS') + 8 + index * this.at('FILTER_BYTES');
      this.#describe(filter, address, tables);
      this.#insertAll(filter, address, text);
      tables += tableBytes[index] ?? 0;
    }
  }

  mark(block: Uint8Array, from: number, floor: number): number {
    this.bytes.set(block, this.at('BLOCK'));
    return this.#exports.mark(block.length, from, floor);
  }

  /** Writes the Filter of skim.as. */
  #describe(filter: GramFilter, address: number, tables: number): void {
    const view = this.#view;
    view.setBigUint64(address, 2n ** BigInt(filter.gram * 8) - 1n, true);
    view.setUint32(address + 8, tables, true);
    view.setUint32(address + 12, 64 - filter.wordsLog2, true);
    view.setUint32(address + 16, tables + 2 ** (filter.wordsLog2 + 3), true);
    view.setUint32(address + 20, 2 ** filter.slotsLog2 - 1, true);
    view.setUint32(address + 24, filter.gram, true);
    view.setUint32(address + 28, filter.stride, true);
  }

  /** The patterns' bytes pass through the block's place, many at a time. */
  #insertAll(filter: GramFilter, address: number, text: Uint8Array): void {
    const block = this.at('BLOCK');
    let from = 0;
    let to = 0;
    for (const start of filter.starts) {
      if (start + PREFIX_BYTES > to) {
        from = start;
        to = Math.min(text.length, start + this.at('LARGEST_BLOCK'));
        this.bytes.set(text.subarray(from, to), block);
      }
      this.#exports.insert(address, block + start - from);
    }
  }

  #grow(end: number): void {
    if (end <= this.bytes.length) return;
    this.#exports.memory.grow(Math.ceil((end - this.bytes.length) / PAGE_BYTES));
    this.bytes = new Uint8Array(this.#exports.memory.buffer);
    this.#view = new DataView(this.#exports.memory.buffer);
  }
}
