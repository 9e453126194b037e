const LONGEST_INPUT = 1_200;

/** Makes inputs out of inputs, reproducibly: xorshift32 from a seed. */
export class Mutator {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0 || 1;
  }

  makeRandom(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.#below(256));
  }

  mutate(corpus: readonly Uint8Array[]): Uint8Array {
    let bytes = Array.from(this.#pick(corpus));
    for (let times = 1 + this.#below(6); times > 0; times--) {
      const at = this.#below(bytes.length + 1);
      const length = this.#below(24);
      switch (this.#below(7)) {
        case 0:
          bytes[at] = this.#below(256);
          break;
        case 1:
          bytes[at] = (bytes[at] ?? 0) ^ (1 << this.#below(8));
          break;
        case 2:
          bytes.splice(at, 0, ...this.makeRandom(length));
          break;
        case 3:
          bytes.splice(at, length);
          break;
        case 4:
          bytes.splice(
            at,
            0,
            0xf0 + this.#below(16),
            this.#below(8),
            this.#below(8),
            this.#below(64),
            this.#below(64),
          );
          break;
        case 5:
          bytes.splice(at, length, ...bytes.slice(this.#below(bytes.length + 1)).slice(0, length));
          break;
        default:
          bytes = [...bytes.slice(0, at), ...this.#pick(corpus).subarray(at)];
      }
    }
    return Uint8Array.from(bytes.slice(0, LONGEST_INPUT), (byte) => byte);
  }

  #pick(corpus: readonly Uint8Array[]): Uint8Array {
    return corpus[this.#below(corpus.length)] ?? new Uint8Array(1);
  }

  #below(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % limit;
  }
}
