import { createHmac, hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decrypt, encrypt } from './aes-gcm.ts';
import { SecretBytes } from './secret-bytes.ts';

interface GcmVector {
  readonly key: string;
  readonly nonce: string;
  readonly associatedData: string;
  readonly plaintext?: string;
  readonly ciphertext: string;
  readonly tag: string;
}

const readVectors = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`vectors/${name}.json`, import.meta.url), 'utf8'));
const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const gcm = readVectors('nist-gcm-256') as { encrypt: GcmVector[]; decrypt: GcmVector[] };
const header = new Uint8Array(0);
const openVector = ({ key, nonce, associatedData, ciphertext, tag }: GcmVector): Uint8Array | undefined =>
  decrypt({
    key: SecretBytes.from(fromHex(key)).toKeyObject(),
    headerBytes: 0,
    box: fromHex(nonce + ciphertext + tag),
    associatedData: fromHex(associatedData),
  });

describe('AES-256-GCM of NIST (R-043)', () => {
  it('encrypts every CAVP vector to its ciphertext and tag', () => {
    expect(gcm.encrypt).toHaveLength(75);
    for (const { key, nonce, associatedData, plaintext = '', ciphertext, tag } of gcm.encrypt) {
      const input = {
        key: SecretBytes.from(fromHex(key)).toKeyObject(),
        header,
        plaintext: fromHex(plaintext),
        associatedData: fromHex(associatedData),
      };
      const box = encrypt(input, (target) => target.set(fromHex(nonce)));
      expect(toHex(box)).toBe(nonce + ciphertext + tag);
    }
  });

  it('decrypts every CAVP vector that is authentic and refuses every one that is not', () => {
    expect(gcm.decrypt.filter(({ plaintext }) => plaintext === undefined)).toHaveLength(75);
    expect(gcm.decrypt).toHaveLength(150);
    for (const vector of gcm.decrypt) {
      const plaintext = openVector(vector);
      expect(plaintext && toHex(plaintext)).toBe(vector.plaintext);
    }
  });
});

describe('the primitives the other formats stand on', () => {
  it('HMAC-SHA256 under a key object of secret bytes gives the MACs of RFC 4231', () => {
    const { cases } = readVectors('rfc-4231') as { cases: { key: string; data: string; mac: string }[] };
    expect(cases).toHaveLength(6);
    for (const { key, data, mac } of cases) {
      const keyObject = SecretBytes.from(fromHex(key)).toKeyObject();
      expect(createHmac('sha256', keyObject).update(fromHex(data)).digest('hex')).toBe(mac);
    }
  });

  it('HKDF-SHA256 under a key object of secret bytes gives the output of RFC 5869', () => {
    const { cases } = readVectors('rfc-5869') as {
      cases: { key: string; salt: string; info: string; output: string }[];
    };
    expect(cases).toHaveLength(3);
    for (const { key, salt, info, output } of cases) {
      const keyObject = SecretBytes.from(fromHex(key)).toKeyObject();
      const derived = hkdfSync('sha256', keyObject, fromHex(salt), fromHex(info), output.length / 2);
      expect(toHex(new Uint8Array(derived))).toBe(output);
    }
  });
});
