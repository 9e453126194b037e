import { Branches } from './branches.ts';
import type { NameSets } from './name-sets.ts';
import type { PatternTable } from './pattern-table.ts';

// Aho and Corasick, "Efficient string matching" (1975), over the patterns as they stand in their table: the node
// that a pattern's first `depth` bytes lead to is the place of its next byte there, if no pattern before it begins
// with the same bytes. So a node's number is that of its parent and 1 nearly always, and nothing is built for it.
// Only nodes that a text leads to are linked, when it first does: few of a thousand values ever appear.
const IS_END = 1;
const HAS_BRANCHES = 2;
/** The node is at depth 1: its next nodes are a row of a table. */
const IS_DENSE = 4;
const IS_LINKED = 8;

/** Follows a byte string and knows at each byte the longest end of it that is the start of a pattern. */
export class Automaton {
  readonly longest: number;
  /** Per node: the length of the longest end of what was matched that a next byte can still carry on. */
  readonly depth: Int32Array;
  /** Per node: the set of names whose patterns end here, 0 for none, and the length of the longest of them. */
  readonly hitNames: Uint32Array;
  readonly hitLength: Int32Array;
  readonly #text: Uint8Array;
  readonly #flags: Uint8Array;
  readonly #fallback: Int32Array;
  readonly #root = new Int32Array(256);
  readonly #rows = new Int32Array(256 << 8);
  readonly #branches: Branches;
  readonly #sets: NameSets;

  constructor(patterns: PatternTable, sets: NameSets) {
    const capacity = patterns.text.length + 1;
    this.longest = patterns.longest;
    this.#sets = sets;
    // A pattern branches off from those before it once.
    this.#branches = new Branches(patterns.count);
    this.#text = patterns.text;
    this.#flags = new Uint8Array(capacity);
    this.#fallback = new Int32Array(capacity);
    this.depth = new Int32Array(capacity);
    this.hitNames = new Uint32Array(capacity);
    this.hitLength = new Int32Array(capacity);
    for (let index = 0; index < patterns.count; index++) this.#insert(patterns, index);
    this.#fillRows();
  }

  /** The node after `byte`; node 0 is the start. */
  next(node: number, byte: number): number {
    for (let at = node; at !== 0; at = this.#fallback[at] as number) {
      const child = this.#child(at, byte);
      if (child !== 0)
        return ((this.#flags[child] as number) & IS_LINKED) === 0 ? this.#link(child, at) : child;
    }
    return this.#root[byte] as number;
  }

  /** Of a node other than the start. A dense one has all its next nodes, those of the start among them. */
  #child(node: number, byte: number): number {
    const flags = this.#flags[node] as number;
    if (this.#text[node] === byte && (flags & (IS_END | IS_DENSE)) === 0) return node + 1;
    if ((flags & (HAS_BRANCHES | IS_DENSE)) === 0) return 0;
    if ((flags & IS_DENSE) === 0) return this.#branches.find(node, byte);
    return this.#rows[((this.#text[node - 1] as number) << 8) | byte] as number;
  }

  #insert(patterns: PatternTable, index: number): void {
    const text = this.#text;
    const start = patterns.starts[index] as number;
    const end = start + (patterns.lengths[index] as number);
    const enough = start + (patterns.enough[index] as number);
    const name = patterns.names[index] as number;
    let node = 0;
    let place = start;
    for (; place < end; place++) {
      const byte = text[place] as number;
      const child = node === 0 ? (this.#root[byte] as number) : this.#child(node, byte);
      if (child === 0) break;
      node = child;
      if (place + 1 >= enough) this.#addName(node, name);
    }
    if (place === end) return;
    this.#attach(node, place);
    this.#flags[end] = (this.#flags[end] as number) | IS_END;
    for (let own = Math.max(place + 1, enough); own <= end; own++) this.#addName(own, name);
  }

  #addName(node: number, name: number): void {
    this.hitNames[node] = this.#sets.add(this.hitNames[node] as number, name);
  }

  /** Makes the pattern's bytes from `place` on the next ones after `node`. */
  #attach(node: number, place: number): void {
    const byte = this.#text[place] as number;
    const child = place + 1;
    if (node === 0) {
      this.#root[byte] = child;
      this.#flags[child] = IS_DENSE | IS_LINKED;
      this.depth[child] = 1;
    } else if (((this.#flags[node] as number) & IS_DENSE) !== 0) {
      this.#rows[((this.#text[node - 1] as number) << 8) | byte] = child;
    } else {
      this.#flags[node] = (this.#flags[node] as number) | HAS_BRANCHES;
      this.#branches.add(node, byte, child);
    }
    const isSecond = node === 0 && child < this.#text.length;
    if (isSecond) this.#rows[(byte << 8) | (this.#text[child] as number)] = child + 1;
  }

  /** A node of depth 1 falls back to the start only. */
  #fillRows(): void {
    for (let byte = 0; byte < 256; byte++) {
      if (this.#root[byte] === 0) continue;
      const row = this.#rows.subarray(byte << 8, (byte + 1) << 8);
      for (let next = 0; next < 256; next++) {
        if (row[next] === 0) row[next] = this.#root[next] as number;
      }
    }
  }

  /**
   * Sets a node's fallback, the longest proper end of it that is also a node, and takes over that one's hits. The
   * parent is linked, as a text comes through it. Fallbacks not linked yet follow; each is shorter than the last.
   */
  #link(node: number, parent: number): number {
    const byte = this.#text[node - 1] as number;
    const fallback = this.next(this.#fallback[parent] as number, byte);
    const depth = (this.depth[parent] as number) + 1;
    const flags = this.#flags[node] as number;
    const own = this.hitNames[node] as number;
    const inherited = this.hitNames[fallback] as number;
    this.#flags[node] = flags | IS_LINKED;
    this.#fallback[node] = fallback;
    if (own !== 0 || inherited !== 0) {
      this.hitLength[node] = own === 0 ? (this.hitLength[fallback] as number) : depth;
      this.hitNames[node] = this.#sets.unite(own, inherited);
    }
    const isLeaf = (flags & (IS_END | HAS_BRANCHES)) === IS_END;
    this.depth[node] = isLeaf ? (this.depth[fallback] as number) : depth;
    return node;
  }
}
