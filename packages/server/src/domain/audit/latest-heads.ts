import { equalInConstantTime } from '@coffer/crypto';
import type { Head } from './port.ts';

/**
 * The heads that this process has itself brought to disk, until they are kept outside the database: what is
 * cut off from a chain while the server runs is seen by them. Where a batch found its chain shorter than it was, or
 * another one, the head of before stays, as evidence.
 */
export class LatestHeads {
  readonly #heads = new Map<string, Head>();

  /** A batch that found the chain at `before` has brought it to `head`, which is on disk. */
  note(before: Head, head: Head): void {
    const known = this.#heads.get(head.chain);
    if (known === undefined || follows(before, known)) this.#heads.set(head.chain, head);
  }

  list(): readonly Head[] {
    return [...this.#heads.values()];
  }
}

/** Another process may have gone on from the known head, too. */
const follows = (found: Head, known: Head): boolean =>
  found.sequence > known.sequence ||
  (found.sequence === known.sequence && equalInConstantTime(found.mac, known.mac));
