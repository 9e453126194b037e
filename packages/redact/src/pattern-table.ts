import type { Pattern } from './patterns.ts';

const FIRST_BYTES = 1 << 12;

/** All patterns of a set, end to end in one array; one byte stands free after each. */
export class PatternTable {
  #text = Buffer.alloc(FIRST_BYTES);
  #end = 0;
  /** Where each pattern begins in `text`. */
  readonly starts: number[] = [];
  readonly lengths: number[] = [];
  readonly enough: number[] = [];
  readonly names: number[] = [];
  longest = 0;

  get count(): number {
    return this.starts.length;
  }

  get text(): Uint8Array {
    return this.#text.subarray(0, this.#end);
  }

  add(name: number, patterns: readonly Pattern[]): void {
    for (const { bytes, enough } of patterns) {
      if (this.#end + bytes.length >= this.#text.length) this.#grow(bytes.length);
      this.#text.write(bytes, this.#end, 'latin1');
      this.starts.push(this.#end);
      this.lengths.push(bytes.length);
      this.enough.push(enough);
      this.names.push(name);
      this.longest = Math.max(this.longest, bytes.length);
      this.#end += bytes.length + 1;
    }
  }

  #grow(more: number): void {
    const text = Buffer.alloc((this.#text.length + more) * 2);
    text.set(this.#text);
    this.#text = text;
  }
}
