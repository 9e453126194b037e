import fc from 'fast-check';
import { expect, it } from 'vitest';
import { equalInConstantTime } from './constant-time.ts';

it('agrees with plain comparison of bytes, for any two', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 8 }), fc.uint8Array({ maxLength: 8 }), (one, other) => {
      expect(equalInConstantTime(one, other)).toBe(Buffer.from(one).equals(other));
      expect(equalInConstantTime(one, Uint8Array.from(one))).toBe(true);
    }),
  );
});

it('compares text as UTF-8, also with bytes and of different lengths', () => {
  expect(equalInConstantTime('schlüssel', 'schlüssel')).toBe(true);
  expect(equalInConstantTime('schlüssel', Buffer.from('schlüssel'))).toBe(true);
  expect(equalInConstantTime('a', 'ab')).toBe(false);
  expect(equalInConstantTime('ü', 'ab')).toBe(false);
  expect(equalInConstantTime('', '')).toBe(true);
});
