import { usageError } from '../terminal/usage.ts';

/** An instant as tables show it: `YYYY-MM-DD hh:mm:ss`, UTC. */
export const showInstant = (instant: string | null): string =>
  instant === null ? '-' : instant.slice(0, 19).replace('T', ' ');

const dayMilliseconds = 24 * 60 * 60 * 1000;
const unitMilliseconds = { m: 60 * 1000, h: 60 * 60 * 1000, d: dayMilliseconds, w: 7 * dayMilliseconds };

/** Reads `90d`, `12h` or a date; a span counts from `now`, forward or backward. Gives ISO 8601 in UTC. */
export function readInstant(
  option: string,
  text: string,
  { now, spansGo }: { readonly now: number; readonly spansGo: 'forward' | 'backward' },
): string {
  const span = /^(\d{1,6})([mhdw])$/.exec(text);
  if (span !== null) {
    const milliseconds = Number(span[1]) * unitMilliseconds[span[2] as keyof typeof unitMilliseconds];
    return new Date(spansGo === 'forward' ? now + milliseconds : now - milliseconds).toISOString();
  }
  const isDate = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text);
  const instant = isDate ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(instant)) {
    throw usageError(`--${option} is a date (2027-01-31, 2027-01-31T12:00:00Z) or a span (90d, 12h).`);
  }
  return new Date(instant).toISOString();
}

/** Reads a number of days: `90d` or `90`. */
export function readDays(option: string, text: string): number {
  const match = /^(\d{1,5})d?$/.exec(text);
  const days = Number(match?.[1]);
  if (match === null || days < 1) throw usageError(`--${option} is a number of days, as in 90d.`);
  return days;
}

/** Reads a whole number from `from` upward. */
export function readWholeNumber(option: string, text: string, from: number): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= from)) throw usageError(`--${option} is a whole number from ${from} upward.`);
  return number;
}
