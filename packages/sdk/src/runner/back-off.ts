const firstMs = 1000;
const longestMs = 30_000;
const shortestMs = 10;

export interface BackOff {
  /** How long to wait before the next try: twice as long after each failure, less up to half by chance. */
  readonly nextMs: () => number;
  /** Begins again with the shortest pause. */
  readonly reset: () => void;
  /** The server's own wish for the shortest pause (the `retry` field of its events). */
  readonly startAt: (milliseconds: number) => void;
}

export function createBackOff(random: () => number = Math.random): BackOff {
  let startMs = firstMs;
  let tries = 0;
  return {
    nextMs: () => {
      const pauseMs = Math.min(startMs * 2 ** tries, longestMs);
      tries += 1;
      return pauseMs * (1 - random() / 2);
    },
    reset: () => {
      tries = 0;
    },
    startAt: (milliseconds) => {
      startMs = Math.min(Math.max(milliseconds, shortestMs), longestMs);
    },
  };
}
