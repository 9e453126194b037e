import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor, toPage } from './paging.ts';

describe('cursors and pages', () => {
  it('a cursor comes back as the parts it was made of', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
          { minLength: 1, maxLength: 3 },
        ),
        (parts) => {
          expect(decodeCursor(encodeCursor(parts), parts.length)).toEqual(parts);
        },
      ),
    );
  });

  it('a cursor of other parts, or no cursor at all, is refused', () => {
    const bad = [
      encodeCursor(['a']),
      encodeCursor(['a', 'b', 'c']),
      'not-a-cursor',
      'W10',
      'WzEsMl0',
      'bnVsbA',
    ];
    for (const cursor of bad)
      expect(() => decodeCursor(cursor, 2)).toThrow(
        expect.objectContaining({ code: 'request_invalid' }) as Error,
      );
  });

  it('a page names the next one only where there is more', () => {
    const shape = { cursorOf: (row: string) => [row], itemOf: (row: string) => row };
    expect(toPage(['a', 'b', 'c'], 2, shape)).toEqual({ items: ['a', 'b'], nextCursor: encodeCursor(['b']) });
    expect(toPage(['a', 'b'], 2, shape)).toEqual({ items: ['a', 'b'], nextCursor: null });
    expect(toPage([], 2, shape)).toEqual({ items: [], nextCursor: null });
  });
});
