import type { NameSets } from './name-sets.ts';
import type { Pattern } from './patterns.ts';

// Aho and Corasick, "Efficient string matching" (1975), with a node's first child kept beside it: patterns are
// long and rarely branch, so node + 1 is nearly always the next one.
const BYTE = 0xff;
const FIRST_CHILD = 0x100;
const BRANCHES = 0x200;
/** The node's low byte is its row in a table of every next node; so are all nodes of depth 1. */
const DENSE = 0x400;

const LINKED_FIRST = 9;

export interface NamedPattern extends Pattern {
  name: number;
}

/** Follows a byte string and knows at each byte the longest end of it that is the start of a pattern. */
export class Automaton {
  readonly longest: number;
  /** Per node: the length of the longest end of what was matched that a next byte can still carry on. */
  readonly depth: Int32Array;
  /** Per node: the set of names whose patterns end here, 0 for none, and the length of the longest of them. */
  readonly hitNames: Uint32Array;
  readonly hitLength: Int32Array;
  readonly #root = new Int32Array(256);
  readonly #edge: Uint16Array;
  readonly #fallback: Int32Array;
  readonly #rows: Int32Array;
  readonly #branches: Branches;
  readonly #sets: NameSets;
  #nodes = 1;

  constructor(patterns: readonly NamedPattern[], sets: NameSets) {
    const capacity = patterns.reduce((sum, pattern) => sum + pattern.bytes.length, 1);
    this.#sets = sets;
    this.longest = patterns.reduce((length, pattern) => Math.max(length, pattern.bytes.length), 0);
    this.#edge = new Uint16Array(capacity);
    this.#fallback = new Int32Array(capacity);
    this.#branches = new Branches();
    this.depth = new Int32Array(capacity);
    this.hitNames = new Uint32Array(capacity);
    this.hitLength = new Int32Array(capacity);
    const build = { parent: new Int32Array(capacity), label: new Uint8Array(capacity) };
    const shortestFirst = patterns.toSorted((a, b) => a.bytes.length - b.bytes.length);
    for (const pattern of shortestFirst) this.#insert(pattern, build);
    this.#rows = this.#makeRows(build);
    this.#link(build);
  }

  /** The node after `byte`; node 0 is the start. */
  next(node: number, byte: number): number {
    for (let at = node; at !== 0; at = this.#fallback[at] as number) {
      const edge = this.#edge[at] as number;
      if ((edge & (FIRST_CHILD | BYTE)) === (byte | FIRST_CHILD)) return at + 1;
      if ((edge & (BRANCHES | DENSE)) !== 0) {
        if ((edge & DENSE) !== 0) return this.#rows[((edge & BYTE) << 8) | byte] as number;
        const child = this.#branches.find(at, byte);
        if (child !== 0) return child;
      }
    }
    return this.#root[byte] as number;
  }

  #child(node: number, byte: number): number {
    if (node === 0) return this.#root[byte] as number;
    const edge = this.#edge[node] as number;
    if ((edge & (FIRST_CHILD | BYTE)) === (byte | FIRST_CHILD)) return node + 1;
    return (edge & BRANCHES) === 0 ? 0 : this.#branches.find(node, byte);
  }

  #insert(pattern: NamedPattern, build: BuildArrays): void {
    const { bytes, enough, name } = pattern;
    let node = 0;
    let at = 0;
    for (let child = 0; at < bytes.length; at++, node = child) {
      child = this.#child(node, bytes.charCodeAt(at));
      if (child === 0) break;
      if (at + 1 >= enough) this.#addName(child, name);
    }
    if (at === bytes.length) return;
    this.#attach(node, bytes.charCodeAt(at), this.#nodes);
    const edge = this.#edge;
    for (; at < bytes.length; at++) {
      const child = this.#nodes++;
      const byte = bytes.charCodeAt(at);
      build.parent[child] = node;
      build.label[child] = byte;
      this.depth[child] = at + 1;
      if (at + 1 < bytes.length) edge[child] = FIRST_CHILD | bytes.charCodeAt(at + 1);
      if (at + 1 >= enough) this.#addName(child, name);
      node = child;
    }
  }

  #addName(node: number, name: number): void {
    this.hitNames[node] = this.#sets.add(this.hitNames[node] as number, name);
  }

  #attach(node: number, byte: number, child: number): void {
    if (node === 0) {
      this.#root[byte] = child;
      return;
    }
    const edge = this.#edge[node] as number;
    if (child === node + 1 && (edge & FIRST_CHILD) === 0) {
      this.#edge[node] = edge | FIRST_CHILD | byte;
    } else {
      this.#edge[node] = edge | BRANCHES;
      this.#branches.add(node, byte, child);
    }
  }

  /**
   * Sets each node's fallback, the longest proper end of it that is also a node, and passes hits up from there. A
   * fallback must be linked first; it is shallow or in a shorter pattern nearly always, so the deep nodes go in the
   * order they were made, and the few that meet one that is not linked yet wait and go by depth.
   */
  #link(build: BuildArrays): void {
    const linked = new Uint8Array(this.#nodes).fill(1, 0, 1);
    const shallow = Array.from({ length: LINKED_FIRST + 1 }, (): number[] => []);
    for (let node = 1; node < this.#nodes; node++) shallow[this.depth[node] as number]?.push(node);
    for (const node of shallow.flat()) this.#linkNode(node, build, linked);
    const waiting: number[] = [];
    for (let node = 1; node < this.#nodes; node++) {
      if (linked[node] === 0 && !this.#linkNode(node, build, linked)) waiting.push(node);
    }
    waiting.sort((a, b) => (this.depth[a] as number) - (this.depth[b] as number));
    for (const node of waiting) this.#linkNode(node, build, linked);
  }

  #linkNode(node: number, build: BuildArrays, linked: Uint8Array): boolean {
    const parent = build.parent[node] as number;
    if (linked[parent] === 0) return false;
    const fallback =
      parent === 0 ? 0 : this.next(this.#fallback[parent] as number, build.label[node] as number);
    if (linked[fallback] === 0) return false;
    linked[node] = 1;
    this.#fallback[node] = fallback;
    const own = this.hitNames[node] as number;
    const inherited = this.hitNames[fallback] as number;
    if (own !== 0 || inherited !== 0) {
      this.hitLength[node] = (own === 0 ? this.hitLength[fallback] : this.depth[node]) as number;
      this.hitNames[node] = this.#sets.unite(own, inherited);
    }
    const isLeaf = ((this.#edge[node] as number) & (FIRST_CHILD | BRANCHES | DENSE)) === 0;
    if (isLeaf) this.depth[node] = this.depth[fallback] as number;
    return true;
  }

  /** A node of depth 1 falls back to the start only, so its row is known before the others are linked. */
  #makeRows(build: BuildArrays): Int32Array {
    const nodes = this.#root.filter((node) => node !== 0);
    const rows = new Int32Array(nodes.length << 8);
    for (const [row, node] of nodes.entries()) {
      rows.set(this.#root, row << 8);
      this.#edge[node] = DENSE | row;
    }
    for (let node = 1; node < this.#nodes; node++) {
      if (this.depth[node] !== 2) continue;
      const row = (this.#edge[build.parent[node] as number] as number) & BYTE;
      rows[(row << 8) | (build.label[node] as number)] = node;
    }
    return rows;
  }
}

interface BuildArrays {
  parent: Int32Array;
  label: Uint8Array;
}

/** The children of a node beyond its first: an open-addressed table of (node, byte) to child. */
class Branches {
  #nodes = new Int32Array(64);
  #children = new Int32Array(64);
  #bytes = new Uint8Array(64);
  #count = 0;

  find(node: number, byte: number): number {
    const mask = this.#nodes.length - 1;
    for (let slot = hashBranch(node, byte) & mask; ; slot = (slot + 1) & mask) {
      const found = this.#nodes[slot] as number;
      if (found === 0) return 0;
      if (found === node && this.#bytes[slot] === byte) return this.#children[slot] as number;
    }
  }

  add(node: number, byte: number, child: number): void {
    if (++this.#count * 2 > this.#nodes.length) this.#grow();
    this.#place(node, byte, child);
  }

  #place(node: number, byte: number, child: number): void {
    const mask = this.#nodes.length - 1;
    let slot = hashBranch(node, byte) & mask;
    while (this.#nodes[slot] !== 0) slot = (slot + 1) & mask;
    this.#nodes[slot] = node;
    this.#bytes[slot] = byte;
    this.#children[slot] = child;
  }

  #grow(): void {
    const [nodes, bytes, children] = [this.#nodes, this.#bytes, this.#children];
    this.#nodes = new Int32Array(nodes.length * 2);
    this.#bytes = new Uint8Array(nodes.length * 2);
    this.#children = new Int32Array(nodes.length * 2);
    for (const [slot, node] of nodes.entries()) {
      if (node !== 0) this.#place(node, bytes[slot] as number, children[slot] as number);
    }
  }
}

function hashBranch(node: number, byte: number): number {
  const mixed = Math.imul((node << 8) ^ node ^ byte, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}
