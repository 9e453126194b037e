import type { Pattern } from './patterns.ts';

/** The patterns of one value. */
export interface NamedPatterns {
  name: number;
  patterns: readonly Pattern[];
}

/** All patterns of a set, end to end in one array; one byte stands free after each. */
export class PatternTable {
  readonly count: number;
  readonly longest: number;
  readonly text: Buffer;
  /** Where each pattern begins in `text`. */
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
  readonly enough: Int32Array;
  readonly names: Int32Array;

  constructor(values: readonly NamedPatterns[]) {
    let bytes = 1;
    this.count = 0;
    for (const { patterns } of values) {
      this.count += patterns.length;
      for (const pattern of patterns) bytes += pattern.bytes.length + 1;
    }
    this.text = Buffer.alloc(bytes);
    this.starts = new Int32Array(this.count);
    this.lengths = new Int32Array(this.count);
    this.enough = new Int32Array(this.count);
    this.names = new Int32Array(this.count);
    let index = 0;
    let start = 0;
    for (const { name, patterns } of values) {
      for (const pattern of patterns) {
        const length = this.text.write(pattern.bytes, start, 'latin1');
        this.starts[index] = start;
        this.lengths[index] = length;
        this.enough[index] = pattern.enough;
        this.names[index] = name;
        start += length + 1;
        index++;
      }
    }
    this.longest = this.lengths.reduce((longest, length) => Math.max(longest, length), 0);
  }
}
