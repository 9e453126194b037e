import { describe, expect, it } from 'vitest';
import { createPlaceholder, knownPrefixes } from './placeholder.ts';

describe('a placeholder (R-113)', () => {
  it('R-113 keeps the well-known prefix of its value and nothing else of it', () => {
    for (const prefix of knownPrefixes) {
      const placeholder = createPlaceholder(`${prefix}zyxwvutsrq-9876`);
      expect(placeholder).toMatch(/COFFER[A-Za-z0-9]{32}$/);
      expect(placeholder.startsWith(prefix)).toBe(true);
      expect(placeholder).not.toContain('zyxwv');
    }
  });

  it('R-113 the longest prefix that fits is the one kept', () => {
    expect(createPlaceholder('sk-ant-api03-abc')).toMatch(/^sk-ant-api03-COFFER/);
    expect(createPlaceholder('sk-abc')).toMatch(/^sk-COFFER/);
  });

  it('a value without a known prefix keeps none, and no two placeholders are alike', () => {
    const made = new Set(Array.from({ length: 100 }, () => createPlaceholder('plain-old-password')));
    expect(made.size).toBe(100);
    for (const one of made) expect(one).toMatch(/^COFFER/);
  });
});
