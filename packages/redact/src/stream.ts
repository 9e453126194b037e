import { HeldBytes } from './held-bytes.ts';
import { pickSequences } from './interruption.ts';
import type { Masks } from './masks.ts';
import type { Matcher } from './matcher.ts';
import { LARGEST_BLOCK, type Scanner } from './scanner.ts';

const ESCAPE_BYTE = 0x1b;
interface StreamParts {
  scanner: Scanner;
  matcher: Matcher;
  masks: Masks;
  /** Whether escape sequences inside a masked value come out after the mask; false if a value contains some. */
  keepsSequences: boolean;
}

const EMPTY = new Uint8Array(0);

/**
 * One stream of bytes with the values masked. What `write`, `release` and `flush` return, in order, is the whole
 * output; it is the same for every way to cut the input into chunks (a release may split a mask in two).
 */
export class RedactionStream {
  readonly #scanner: Scanner;
  readonly #matcher: Matcher;
  readonly #masks: Masks;
  readonly #keepsSequences: boolean;
  readonly #heldBytes = new HeldBytes();
  /** Places in the stream: of the next byte to come, and of the first byte not given out. */
  #end = 0;
  #given = 0;

  constructor(parts: StreamParts) {
    this.#scanner = parts.scanner;
    this.#matcher = parts.matcher;
    this.#masks = parts.masks;
    this.#keepsSequences = parts.keepsSequences;
  }

  /** How many bytes wait for what comes next. */
  get held(): number {
    return this.#end - this.#given;
  }

  /** Takes a chunk and returns what is certain by now; it may be empty, or a part of the chunk's own memory. */
  write(chunk: Uint8Array): Uint8Array {
    for (let at = 0; at < chunk.length; at += LARGEST_BLOCK) {
      const block = chunk.subarray(at, at + LARGEST_BLOCK);
      this.#matcher.startChunk(this.#end + at);
      this.#scanner.scan(this.#matcher, block);
    }
    this.#end += chunk.length;
    return this.#giveUntil(this.#matcher.findAlive(this.#end), chunk);
  }

  /**
   * For a reader who waits: also gives out finished masks and at most two bytes of a possible match. The match
   * stays under way, and the rest of it is masked when it comes.
   */
  release(): Uint8Array {
    let place = this.#matcher.findHarmless(this.#end);
    const parts = [this.#giveUntil(Math.max(place, this.#given), EMPTY)];
    while (this.#masks.firstStart <= Math.max(place, this.#given)) {
      place = Math.max(place, this.#masks.firstEnd);
      parts.push(this.#giveUntil(place, EMPTY));
    }
    return concat(parts);
  }

  /** Ends the stream: gives out the rest. The next write begins a new stream. */
  flush(): Uint8Array {
    const rest = this.#giveUntil(this.#end, EMPTY);
    this.#matcher.restart();
    this.#masks.clear();
    this.#end = 0;
    this.#given = 0;
    return rest;
  }

  #giveUntil(place: number, chunk: Uint8Array): Uint8Array {
    const parts: Uint8Array[] = [];
    for (const mask of this.#masks.takeUntil(place)) {
      parts.push(...this.#copyParts(this.#given, mask.start, chunk), Buffer.from(this.#masks.print(mask)));
      if (this.#keepsSequences) {
        const masked = concat(this.#copyParts(mask.start, mask.end, chunk));
        if (masked.includes(ESCAPE_BYTE)) parts.push(pickSequences(masked));
      }
      this.#given = mask.end;
    }
    const certain = Math.max(this.#given, Math.min(place, this.#masks.firstStart));
    parts.push(...this.#copyParts(this.#given, certain, chunk));
    this.#given = certain;
    this.#masks.give(certain);
    const output = concat(parts);
    this.#heldBytes.keep(chunk, this.held);
    return output;
  }

  /** The bytes from `from` to `to`, places in the stream: first those held, then those of the chunk. */
  #copyParts(from: number, to: number, chunk: Uint8Array): Uint8Array[] {
    const chunkPlace = this.#end - chunk.length;
    const heldPlace = chunkPlace - this.#heldBytes.length;
    const parts: Uint8Array[] = [];
    if (from < Math.min(to, chunkPlace)) {
      parts.push(this.#heldBytes.copy(from - heldPlace, Math.min(to, chunkPlace) - heldPlace));
    }
    if (to > Math.max(from, chunkPlace)) {
      parts.push(chunk.subarray(Math.max(from - chunkPlace, 0), to - chunkPlace));
    }
    return parts;
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const [first, second] = parts;
  if (first === undefined) return EMPTY;
  if (second === undefined) return first;
  const whole = Buffer.allocUnsafeSlow(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
