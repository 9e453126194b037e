import type { Pattern } from './patterns.ts';

export interface NamedPattern extends Pattern {
  name: number;
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

  constructor(patterns: readonly NamedPattern[]) {
    this.count = patterns.length;
    this.starts = new Int32Array(this.count);
    this.lengths = new Int32Array(this.count);
    this.enough = new Int32Array(this.count);
    this.names = new Int32Array(this.count);
    this.text = Buffer.alloc(patterns.reduce((sum, { bytes }) => sum + bytes.length + 1, 1));
    let start = 0;
    let longest = 0;
    for (let index = 0; index < patterns.length; index++) {
      const { bytes, enough, name } = patterns[index] as NamedPattern;
      this.starts[index] = start;
      this.lengths[index] = bytes.length;
      this.enough[index] = enough;
      this.names[index] = name;
      longest = Math.max(longest, bytes.length);
      start += this.text.write(bytes, start, 'latin1') + 1;
    }
    this.longest = longest;
  }
}
