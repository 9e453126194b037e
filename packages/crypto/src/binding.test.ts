import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBinding, type ValueBinding } from './binding.ts';

const texts = ['organizationId', 'scope', 'ownerId', 'secretId', 'environment'] as const;
const bind = (fields: readonly string[], version = 1): string => {
  const [organizationId = '', scope = '', ownerId = '', secretId = '', environment = ''] = fields;
  const binding = { organizationId, scope, ownerId, secretId, environment, version };
  return Buffer.from(encodeBinding('value', binding)).toString('hex');
};
const anyText = fc.string({ unit: 'binary', maxLength: 20 });
const anyFields = fc.tuple(anyText, anyText, anyText, anyText, anyText);

describe('R-308 the binding of a sealed value', () => {
  it('is the same bytes for the same fields, in whatever order they are given', () => {
    const binding = {
      organizationId: 'a',
      scope: 'b',
      ownerId: 'c',
      secretId: 'd',
      environment: 'e',
      version: 1,
    };
    const reversed = Object.fromEntries(Object.entries(binding).reverse()) as typeof binding;
    expect(encodeBinding('value', reversed)).toEqual(encodeBinding('value', binding));
  });

  it('differs when text moves over the boundary between two fields', () => {
    fc.assert(
      fc.property(
        anyFields,
        fc.nat({ max: 3 }),
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 }),
        (fields, at, moved) => {
          const left = fields.with(at, `${fields[at] ?? ''}${moved}`);
          const right = fields.with(at + 1, `${moved}${fields[at + 1] ?? ''}`);
          expect(bind(left)).not.toBe(bind(right));
        },
      ),
    );
  });

  it('differs for any two different lists of fields or versions', () => {
    fc.assert(
      fc.property(fc.tuple(anyFields, fc.nat()), fc.tuple(anyFields, fc.nat()), (one, other) => {
        const isSame = JSON.stringify(one) === JSON.stringify(other);
        expect(bind(...one) === bind(...other)).toBe(isSame);
      }),
    );
  });

  it('differs when two fields change places', () => {
    for (const [at] of texts.entries()) {
      const fields = ['a', 'b', 'c', 'd', 'e'];
      const next = (at + 1) % texts.length;
      const swapped = fields.with(at, fields[next] ?? '').with(next, fields[at] ?? '');
      expect(bind(swapped)).not.toBe(bind(fields));
    }
  });

  it('differs from the same fields under another purpose', () => {
    const fields = { organizationId: 'org_1', keyId: 'key_1' };
    expect(encodeBinding('audit_key', fields)).not.toEqual(encodeBinding('fingerprint_key', fields));
  });

  it('differs for unicode texts that look alike, as it compares bytes', () => {
    expect(bind(['e\u0301'])).not.toBe(bind(['\u00e9']));
  });

  it('is refused for text that UTF-8 would change, so that two texts cannot bind alike', () => {
    for (const name of texts) {
      const fields = texts.map((text) => (text === name ? '\ud800' : 'x'));
      expect(() => bind(fields)).toThrow(name);
    }
  });

  it('is refused for a version that is not a whole number of at most 2^53 - 1', () => {
    for (const version of [-1, 0.5, Number.NaN, Infinity, 2 ** 53]) {
      expect(() => bind(['a', 'b', 'c', 'd', 'e'], version)).toThrow('version');
    }
  });

  it('is refused where a field is absent', () => {
    const { version, ...rest } = {
      organizationId: 'a',
      scope: 'b',
      ownerId: 'c',
      secretId: 'd',
      environment: 'e',
      version: 1,
    };
    expect(() => encodeBinding('value', rest as ValueBinding)).toThrow('version');
    expect(version).toBe(1);
  });
});
