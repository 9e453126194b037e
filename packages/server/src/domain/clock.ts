/** Time comes in from outside, so that tests and a machine whose clock jumps are the same case. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
}

export const secondMs = 1000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** An instant as it crosses the wire: ISO 8601, UTC. */
export const toInstant = (at: number): string => new Date(at).toISOString();
export const toInstantOrNull = (at: number | null): string | null => (at === null ? null : toInstant(at));
