import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKeyBytes } from './data-key.ts';
import { fingerprint } from './fingerprint.ts';
import { SecretBytes } from './secret-bytes.ts';

const key = createKeyBytes();

describe('R-159 a fingerprint', () => {
  it('is equal for equal values of one secret, however they are held', () => {
    const held = SecretBytes.from('value');
    expect(fingerprint(key, 'sec_1', held)).toMatch(/^[0-9a-f]{64}$/);
    expect(fingerprint(key, 'sec_1', Buffer.from('value'))).toBe(fingerprint(key, 'sec_1', held));
  });

  it('differs for any two different values of one secret', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (one, other) => {
        const isSame = Buffer.from(one).equals(other);
        expect(fingerprint(key, 'sec_1', one) === fingerprint(key, 'sec_1', other)).toBe(isSame);
      }),
    );
  });

  it('differs between secrets and between organizations, so that equal values do not show', () => {
    const value = SecretBytes.from('value');
    expect(fingerprint(key, 'sec_2', value)).not.toBe(fingerprint(key, 'sec_1', value));
    expect(fingerprint(createKeyBytes(), 'sec_1', value)).not.toBe(fingerprint(key, 'sec_1', value));
  });

  it('does not confuse the end of the secret id with the start of the value', () => {
    expect(fingerprint(key, 'sec_1a', Buffer.from('b'))).not.toBe(
      fingerprint(key, 'sec_1', Buffer.from('ab')),
    );
  });
});
