import { CofferError } from '@coffer/contract';
import { LRUCache } from 'lru-cache';
import { minuteMs } from '../clock.ts';
import { isOnHost } from '../loopback.ts';

/** Challenges nobody answered and answers that were wrong, a minute: of one address, and of all beyond the host. */
const perAddress = 60;
const beyondHost = 600;
const watchedPlaces = 10_000;

type Attempt = 'challenge' | 'answer';

const placesOf = (attempt: Attempt, address: string): readonly (readonly [string, number])[] => [
  [`${attempt} ${address}`, perAddress],
  ...(isOnHost(address) ? [] : [[`${attempt} beyond`, beyondHost] as const]),
];

/**
 * What strangers may cost the local login: every challenge is a file and a commit, every wrong answer an
 * audit event. What ends as a login is given back; nobody elsewhere uses up what the host itself has.
 */
export class LoginLimits {
  readonly #windows = new LRUCache<string, { since: number; count: number }>({ max: watchedPlaces });

  /** Counts an attempt of this address. Throws `rate_limited`. */
  take(attempt: Attempt, address: string | null, now: number): void {
    const places = placesOf(attempt, address ?? 'unknown');
    const windows = places.map(([place, limit]) => ({ window: this.#windowOf(place, now), limit }));
    if (windows.some(({ window, limit }) => window.count >= limit)) {
      throw new CofferError('rate_limited', {
        detail: 'Too many local logins were begun or answered wrongly.',
        hint: 'Wait a minute, and run coffer login --local again.',
      });
    }
    for (const { window } of windows) window.count += 1;
  }

  giveBack(attempt: Attempt, address: string | null): void {
    for (const [place] of placesOf(attempt, address ?? 'unknown')) {
      const window = this.#windows.get(place);
      if (window !== undefined && window.count > 0) window.count -= 1;
    }
  }

  #windowOf(place: string, now: number): { since: number; count: number } {
    const known = this.#windows.get(place);
    if (known !== undefined && now - known.since < minuteMs) return known;
    const fresh = { since: now, count: 0 };
    this.#windows.set(place, fresh);
    return fresh;
  }
}
