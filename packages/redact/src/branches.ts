/** The children of the automaton's nodes beyond their first: an open-addressed table of (node, byte) to child. */
export class Branches {
  readonly #nodes: Int32Array;
  readonly #children: Int32Array;
  readonly #bytes: Uint8Array;

  /** Has room for `most` children. */
  constructor(most: number) {
    const slots = 2 ** Math.ceil(Math.log2(most + 1) + 1);
    this.#nodes = new Int32Array(slots);
    this.#children = new Int32Array(slots);
    this.#bytes = new Uint8Array(slots);
  }

  /** The child, or 0. */
  find(node: number, byte: number): number {
    const mask = this.#nodes.length - 1;
    for (let slot = hashBranch(node, byte) & mask; ; slot = (slot + 1) & mask) {
      const found = this.#nodes[slot] as number;
      if (found === 0) return 0;
      if (found === node && this.#bytes[slot] === byte) return this.#children[slot] as number;
    }
  }

  add(node: number, byte: number, child: number): void {
    const mask = this.#nodes.length - 1;
    let slot = hashBranch(node, byte) & mask;
    while (this.#nodes[slot] !== 0) slot = (slot + 1) & mask;
    this.#nodes[slot] = node;
    this.#bytes[slot] = byte;
    this.#children[slot] = child;
  }
}

function hashBranch(node: number, byte: number): number {
  const mixed = Math.imul((node << 8) ^ node ^ byte, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}
