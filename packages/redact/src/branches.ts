const FEWEST_SLOTS = 64;

/** The children of the automaton's nodes beyond their first: an open-addressed table of (node, byte) to child. */
export class Branches {
  #nodes = new Int32Array(FEWEST_SLOTS);
  #children = new Int32Array(FEWEST_SLOTS);
  #bytes = new Uint8Array(FEWEST_SLOTS);
  #count = 0;

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
    for (let slot = 0; slot < nodes.length; slot++) {
      if (nodes[slot] !== 0)
        this.#place(nodes[slot] as number, bytes[slot] as number, children[slot] as number);
    }
  }
}

function hashBranch(node: number, byte: number): number {
  const mixed = Math.imul((node << 8) ^ node ^ byte, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}
