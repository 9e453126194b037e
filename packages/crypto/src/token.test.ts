import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createToken, findTokenPrefix, hashToken, isTokenWellFormed, tokenPrefixes } from './token.ts';

describe('a token', () => {
  it.each(tokenPrefixes)('of kind %s has its prefix, 43 random and 6 check characters', (prefix) => {
    const token = createToken(prefix);
    expect(token).toMatch(new RegExp(`^${prefix}_[0-9A-Za-z]{49}$`));
    expect(isTokenWellFormed(token)).toBe(true);
    expect(findTokenPrefix(token)).toBe(prefix);
  });

  it('is new each time, and every digit occurs', () => {
    const tokens = Array.from({ length: 500 }, () => createToken('cfr_key'));
    expect(new Set(tokens).size).toBe(500);
    expect(new Set(tokens.map((token) => token.slice(8)).join('')).size).toBe(62);
  });

  it('draws every digit as often as any other', () => {
    const counts = new Map<string, number>();
    const count = 20_000;
    for (let made = 0; made < count; made += 1)
      for (const digit of createToken('cfr_run').slice(8, 51))
        counts.set(digit, (counts.get(digit) ?? 0) + 1);
    const expected = (count * 43) / 62;
    // Seven standard deviations: less than one run in a thousand million strays so far.
    const strayed = [...counts.values()].filter(
      (seen) => Math.abs(seen - expected) > 7 * Math.sqrt(expected),
    );
    expect(counts.size).toBe(62);
    expect(strayed).toEqual([]);
  });

  it('with one character changed, left out, doubled or two swapped is not well-formed', () => {
    const token = createToken('cfr_ses');
    for (let at = 0; at < token.length; at += 1) {
      const before = token.slice(0, at);
      const character = token.charAt(at);
      const after = token.slice(at + 1);
      const next = after.charAt(0);
      const changed = character === 'x' ? 'y' : 'x';
      expect(isTokenWellFormed(before + changed + after)).toBe(false);
      expect(isTokenWellFormed(before + after)).toBe(false);
      expect(isTokenWellFormed(before + character + character + after)).toBe(false);
      if (next !== '' && next !== character) {
        expect(isTokenWellFormed(before + next + character + after.slice(1))).toBe(false);
      }
    }
  });

  it('of another kind does not pass by a changed prefix', () => {
    expect(isTokenWellFormed(createToken('cfr_run').replace('cfr_run', 'cfr_key'))).toBe(false);
    expect(findTokenPrefix(createToken('cfr_run').replace('cfr_run', 'cfr_key'))).toBeUndefined();
  });

  it('with something around it is not well-formed', () => {
    const token = createToken('cfr_key');
    for (const text of [
      '',
      'cfr_key_',
      `${token}\n`,
      ` ${token}`,
      `${token} `,
      `Bearer ${token}`,
      token.repeat(2),
    ]) {
      expect(isTokenWellFormed(text)).toBe(false);
    }
  });

  it('is never seen in text of its shape whose last six characters are no checksum', () => {
    const digit = fc.stringMatching(/^[0-9A-Za-z]$/);
    const body = fc.string({ unit: digit, minLength: 49, maxLength: 49 });
    fc.assert(
      fc.property(fc.constantFrom(...tokenPrefixes), body, (prefix, text) => {
        expect(isTokenWellFormed(`${prefix}_${text}`)).toBe(false);
      }),
    );
  });

  it('is stored as SHA-256, so that equal tokens are found and others are not', () => {
    expect(hashToken('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(hashToken(createToken('cfr_key'))).not.toBe(hashToken(createToken('cfr_key')));
  });
});
