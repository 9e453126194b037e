import { describe, expect, it } from 'vitest';
import { FailureCounts } from './failure-counts.ts';

const minute = 60_000;
const start = 1_760_000_000_000;

describe('failed authentications that get an event of their own (R-258)', () => {
  it('R-258 are twenty a minute of one address, and the next one carries the count of the others', () => {
    const counts = new FailureCounts();
    const noted = Array.from({ length: 50 }, () => counts.note('192.0.2.1', start));
    expect(noted.filter((one) => one !== undefined)).toHaveLength(20);
    expect(counts.note('192.0.2.1', start + minute - 1)).toBeUndefined();
    expect(counts.note('192.0.2.1', start + minute)).toEqual({ suppressed: 31 });
    expect(counts.note('192.0.2.1', start + minute)).toEqual({ suppressed: 0 });
  });

  it('R-258 are six hundred a minute of all addresses together', () => {
    const counts = new FailureCounts();
    const noted = Array.from({ length: 5000 }, (_, at) => counts.note(`2001:db8::${at}`, start));
    expect(noted.filter((one) => one !== undefined)).toHaveLength(600);
    expect(counts.note('192.0.2.1', start + 1)).toBeUndefined();
    expect(counts.note('192.0.2.1', start + minute)).toEqual({ suppressed: 4401 });
  });

  it('R-258 those without one are counted until somebody takes the count', () => {
    const counts = new FailureCounts();
    for (let at = 0; at < 25; at += 1) counts.note('192.0.2.1', start);
    expect(counts.take()).toBe(5);
    expect(counts.take()).toBe(0);
  });
});
