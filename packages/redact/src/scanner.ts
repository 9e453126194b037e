import type { Matcher } from './matcher.ts';
import type { Skimmer } from './skimmer.ts';

const NEVER = 0x7fffffff;
/** Below this size a block goes through the matcher byte by byte. */
const SMALLEST_SKIMMED = 64;
/** As many bytes as the skimmer has room for. */
export const LARGEST_BLOCK = 1 << 16;

/**
 * Skips over text in which no pattern can begin, and has the matcher look at the rest. What it skips would leave
 * the matcher where it started, so hits do not depend on how the stream is cut into chunks.
 */
export class Scanner {
  readonly #skimmer: Skimmer;

  constructor(skimmer: Skimmer) {
    this.#skimmer = skimmer;
  }

  scan(matcher: Matcher, block: Uint8Array): void {
    if (block.length < SMALLEST_SKIMMED) {
      matcher.run(block, 0, NEVER);
      return;
    }
    let at = matcher.run(block, 0, 0);
    if (at === block.length) return;
    const skimmed = this.#skimmer.skim(block, at, at - matcher.depth);
    while (at < block.length) {
      const marked = skimmed.findMarked(at);
      if (marked > at) {
        at = skimmed.moveOut(marked);
        matcher.restart();
      }
      at = matcher.run(block, at, skimmed.findEnd(marked));
    }
  }
}
