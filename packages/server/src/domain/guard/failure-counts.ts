import { LRUCache } from 'lru-cache';
import { minuteMs } from '../clock.ts';

/** Events of failed authentication a minute: of one address, and of all together. */
const perAddress = 20;
const overall = 600;
const watchedAddresses = 10_000;

interface Window {
  since: number;
  recorded: number;
}

/**
 * How many failed authentications get an event of their own, so that a flood of them, from however many
 * addresses, does not fill the trail; the others are counted, and the count enters the trail.
 */
export class FailureCounts {
  readonly #addresses = new LRUCache<string, Window>({ max: watchedAddresses });
  #all: Window = { since: 0, recorded: 0 };
  #suppressed = 0;

  /** Whether this failure gets an event; it then carries the count of those before it that got none. */
  note(address: string, now: number): { suppressed: number } | undefined {
    const own = renewed(this.#addresses.get(address), now);
    this.#addresses.set(address, own);
    this.#all = renewed(this.#all, now);
    if (own.recorded >= perAddress || this.#all.recorded >= overall) {
      this.#suppressed += 1;
      return undefined;
    }
    own.recorded += 1;
    this.#all.recorded += 1;
    return { suppressed: this.take() };
  }

  /** The count of those that got no event, which starts anew. */
  take(): number {
    const suppressed = this.#suppressed;
    this.#suppressed = 0;
    return suppressed;
  }
}

const renewed = (known: Window | undefined, now: number): Window =>
  known !== undefined && now - known.since < minuteMs ? known : { since: now, recorded: 0 };
