import { describe, expect, it } from 'vitest';
import { printable, printableInLine } from './printable.ts';

describe('what a terminal would obey is written out', () => {
  it.each([
    ['a colour sequence', '\u001b[31mred', '\\u001b[31mred'],
    ['a carriage return that hides what stood before', 'a\rb', 'a\\u000db'],
    ['an eight-bit control', 'a\u009bb', 'a\\u009bb'],
    ['a change of direction', 'a\u202eb', 'a\\u202eb'],
    ['a line separator', 'a\u2028b', 'a\\u2028b'],
  ])('%s', (_, text, shown) => {
    expect(printable(text)).toBe(shown);
    expect(printableInLine(text)).toBe(shown);
  });

  it('line breaks and tabs stay, except in a cell', () => {
    expect(printable('a\n\tb')).toBe('a\n\tb');
    expect(printableInLine('a\n\tb')).toBe('a\\u000a\\u0009b');
  });

  it('letters of all kinds stay as they are', () => {
    expect(printable('Zażółć 鍵 🔑')).toBe('Zażółć 鍵 🔑');
  });
});
