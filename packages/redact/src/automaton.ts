import { Branches } from './branches.ts';
import type { NameSets } from './name-sets.ts';
import type { PatternTable } from './pattern-table.ts';

// Aho and Corasick, "Efficient string matching" (1975), over the patterns as they stand in their table: the node
// that a pattern's first `depth` bytes lead to is the place of its next byte there, if no pattern before it begins
// with the same bytes. So a node's number is that of its parent and 1 nearly always, and nothing is built for it.
// Only nodes that a text leads to are linked, when it first does: few of a thousand values ever appear.
//
// What a step reads lies close together, as it is seldom in a processor's nearest memory:
//   an edge: the pattern's next byte, and flags
//   a node:  fallback, depth, hit names, hit length
const BYTE = 0xff;
const IS_END = 0x100;
const HAS_BRANCHES = 0x200;
/** The node is at depth 1: its next nodes are a row of a table. */
const IS_DENSE = 0x400;
const IS_LINKED = 0x800;
/** Patterns end here, apart from those that end at the node's fallback. */
const IS_HIT = 0x1000;

const NODE_LOG2 = 2;
const DEPTH = 1;
const HIT_NAMES = 2;
const HIT_LENGTH = 3;

/** Follows a byte string and knows at each byte the longest end of it that is the start of a pattern. */
export class Automaton {
  readonly longest: number;
  readonly #edges: Uint16Array;
  readonly #nodes: Int32Array;
  readonly #root = new Int32Array(256);
  readonly #rows = new Int32Array(256 << 8);
  readonly #branches: Branches;
  readonly #hits = new Map<number, number>();
  readonly #sets: NameSets;

  constructor(patterns: PatternTable, sets: NameSets) {
    const { text } = patterns;
    this.longest = patterns.longest;
    this.#sets = sets;
    this.#edges = new Uint16Array(text.length + 1);
    this.#edges.set(text);
    this.#nodes = new Int32Array(this.#edges.length << NODE_LOG2);
    // A pattern branches off from those before it once.
    this.#branches = new Branches(this.#edges, patterns.count);
    for (let index = 0; index < patterns.count; index++) this.#insert(patterns, index);
    this.#fillRows();
  }

  /** The node after `byte`; node 0 is the start. */
  next(node: number, byte: number): number {
    for (let at = node; at !== 0; at = this.#nodes[at << NODE_LOG2] as number) {
      const child = this.#child(at, byte);
      if (child !== 0)
        return ((this.#edges[child] as number) & IS_LINKED) === 0 ? this.#link(child, at) : child;
    }
    return this.#root[byte] as number;
  }

  /** The length of the longest end of what was matched that a next byte can still carry on. */
  getDepth(node: number): number {
    return this.#nodes[(node << NODE_LOG2) | DEPTH] as number;
  }

  /** The set of names whose patterns end here, 0 for none. */
  getHitNames(node: number): number {
    return this.#nodes[(node << NODE_LOG2) | HIT_NAMES] as number;
  }

  /** The length of the longest pattern that ends here. */
  getHitLength(node: number): number {
    return this.#nodes[(node << NODE_LOG2) | HIT_LENGTH] as number;
  }

  /** Of a node other than the start. A dense one has all its next nodes, those of the start among them. */
  #child(node: number, byte: number): number {
    const edge = this.#edges[node] as number;
    if ((edge & (BYTE | IS_END | IS_DENSE)) === byte) return node + 1;
    if ((edge & (HAS_BRANCHES | IS_DENSE)) === 0) return 0;
    if ((edge & IS_DENSE) === 0) return this.#branches.find(node, byte);
    return this.#rows[(this.#byteTo(node) << 8) | byte] as number;
  }

  #byteTo(node: number): number {
    return (this.#edges[node - 1] as number) & BYTE;
  }

  #insert(patterns: PatternTable, index: number): void {
    const start = patterns.starts[index] as number;
    const end = start + (patterns.lengths[index] as number);
    const enough = start + (patterns.enough[index] as number);
    const name = patterns.names[index] as number;
    let node = 0;
    let place = start;
    for (; place < end; place++) {
      const byte = (this.#edges[place] as number) & BYTE;
      const child = node === 0 ? (this.#root[byte] as number) : this.#child(node, byte);
      if (child === 0) break;
      node = child;
      if (place + 1 >= enough) this.#addHit(node, name);
    }
    if (place === end) return;
    this.#attach(node, place);
    this.#flag(end, IS_END);
    for (let own = Math.max(place + 1, enough); own <= end; own++) this.#addHit(own, name);
  }

  #flag(node: number, flags: number): void {
    this.#edges[node] = (this.#edges[node] as number) | flags;
  }

  #addHit(node: number, name: number): void {
    this.#flag(node, IS_HIT);
    this.#hits.set(node, this.#sets.add(this.#hits.get(node) ?? 0, name));
  }

  /** Makes the pattern's bytes from `place` on the next ones after `node`. */
  #attach(node: number, place: number): void {
    const child = place + 1;
    const byte = this.#byteTo(child);
    if (node === 0) {
      this.#root[byte] = child;
      this.#rows[(byte << 8) | this.#byteTo(child + 1)] = child + 1;
      this.#flag(child, IS_DENSE | IS_LINKED);
      this.#nodes[(child << NODE_LOG2) | DEPTH] = 1;
    } else if (((this.#edges[node] as number) & IS_DENSE) !== 0) {
      this.#rows[(this.#byteTo(node) << 8) | byte] = child;
    } else {
      this.#flag(node, HAS_BRANCHES);
      this.#branches.add(node, byte, child);
    }
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
    const fallback = this.next(this.#nodes[parent << NODE_LOG2] as number, this.#byteTo(node));
    const depth = this.getDepth(parent) + 1;
    const edge = this.#edges[node] as number;
    const at = node << NODE_LOG2;
    this.#edges[node] = edge | IS_LINKED;
    this.#nodes[at] = fallback;
    const isLeaf = (edge & (IS_END | HAS_BRANCHES)) === IS_END;
    this.#nodes[at | DEPTH] = isLeaf ? this.getDepth(fallback) : depth;
    const own = (edge & IS_HIT) === 0 ? 0 : (this.#hits.get(node) ?? 0);
    this.#nodes[at | HIT_NAMES] = this.#sets.unite(own, this.getHitNames(fallback));
    this.#nodes[at | HIT_LENGTH] = own === 0 ? this.getHitLength(fallback) : depth;
    return node;
  }
}
