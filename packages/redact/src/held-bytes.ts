/** The end of a stream that waits: bytes are appended by the chunk and leave at the front. */
export class HeldBytes {
  #memory = new Uint8Array(256);
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  /** A copy of the bytes from `from` to `to`, counted from the first one held. */
  copy(from: number, to: number): Uint8Array {
    return this.#memory.slice(this.#start + from, this.#start + to);
  }

  /** Appends `chunk`, then keeps only the last `count` bytes. */
  keep(chunk: Uint8Array, count: number): void {
    const fromChunk = Math.min(count, chunk.length);
    const fromBefore = count - fromChunk;
    this.#start = this.#end - fromBefore;
    if (fromBefore === 0) this.#start = this.#end = 0;
    if (this.#end + fromChunk > this.#memory.length) this.#makeRoom(fromChunk);
    this.#memory.set(chunk.subarray(chunk.length - fromChunk), this.#end);
    this.#end += fromChunk;
  }

  /** Moves to the front; doubles the memory if it is more than half full, so that appending stays linear. */
  #makeRoom(more: number): void {
    const needed = this.length + more;
    const held = this.#memory.subarray(this.#start, this.#end);
    if (needed * 2 > this.#memory.length) this.#memory = new Uint8Array(needed * 4);
    this.#memory.set(held);
    this.#end = held.length;
    this.#start = 0;
  }
}
