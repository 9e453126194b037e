const SLOT = 2;

/**
 * The children of the automaton's nodes beyond their first: an open-addressed table of node and child. The byte
 * that leads to a child stands in the automaton's edges right before it.
 */
export class Branches {
  readonly #edges: Uint16Array;
  readonly #slots: Int32Array;

  /** Has room for `most` children. */
  constructor(edges: Uint16Array, most: number) {
    this.#edges = edges;
    this.#slots = new Int32Array(SLOT * 2 ** Math.ceil(Math.log2(most + 1) + 1));
  }

  /** The child, or 0. */
  find(node: number, byte: number): number {
    const slots = this.#slots;
    const mask = slots.length - SLOT;
    for (let slot = hashBranch(node, byte) & mask; ; slot = (slot + SLOT) & mask) {
      const found = slots[slot] as number;
      if (found === 0) return 0;
      const child = slots[slot + 1] as number;
      if (found === node && ((this.#edges[child - 1] as number) & 0xff) === byte) return child;
    }
  }

  add(node: number, byte: number, child: number): void {
    const mask = this.#slots.length - SLOT;
    let slot = hashBranch(node, byte) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + SLOT) & mask;
    this.#slots[slot] = node;
    this.#slots[slot + 1] = child;
  }
}

function hashBranch(node: number, byte: number): number {
  const mixed = Math.imul((node << 8) ^ node ^ byte, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}
