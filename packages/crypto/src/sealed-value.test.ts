import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBinding, type ValueBinding } from './binding.ts';
import { createDataKey, createEphemeralKey, isExhausted, SEALS_PER_DATA_KEY } from './data-key.ts';
import { asSealedBytes, open, readGeneration, seal } from './sealed-value.ts';
import { SecretBytes } from './secret-bytes.ts';

const organizationId = 'org_1';
const key = createDataKey({ id: 'dk_1', organizationId, generation: 7 });
const place: ValueBinding = {
  organizationId,
  scope: 'agent',
  ownerId: 'agt_1',
  secretId: 'sec_1',
  environment: 'production',
  version: 3,
};
const associatedData = encodeBinding('value', place);
const plaintext = 'planted-secret-7f3a';
const sealed = seal(key, SecretBytes.from(plaintext), associatedData);
const headerBytes = 5;

const anyText = fc.string({ unit: 'binary', maxLength: 40 });
const anyBinding = fc.record({
  organizationId: anyText,
  scope: anyText,
  ownerId: anyText,
  secretId: anyText,
  environment: anyText,
  version: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
});
const anyBytes = fc.uint8Array({ maxLength: 2000 });

describe('seal and open', () => {
  it('R-042 what is sealed does not hold the plaintext and opens to it', () => {
    expect(Buffer.from(sealed).includes(plaintext)).toBe(false);
    const opened = open(key, sealed, associatedData);
    expect(opened.ok && opened.value.revealPlaintext()).toBe(plaintext);
  });

  it('R-043 any bytes under any binding come back, and the size grows by 33 bytes', () => {
    fc.assert(
      fc.property(anyBytes, anyBinding, (bytes, binding) => {
        const bound = encodeBinding('value', binding);
        const box = seal(key, bytes, bound);
        const opened = open(key, box, bound);
        expect(box.byteLength).toBe(bytes.byteLength + 33);
        expect(opened.ok && Buffer.from(opened.value.revealBytes()).equals(bytes)).toBe(true);
      }),
    );
  });

  it('R-308 a value sealed under one binding opens under no other', () => {
    fc.assert(
      fc.property(anyBinding, anyBinding, (one, other) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(other));
        const box = seal(key, Buffer.from('value'), encodeBinding('value', one));
        expect(open(key, box, encodeBinding('value', other))).toEqual({ ok: false, reason: 'not_authentic' });
      }),
    );
  });

  it('R-043 every seal has its own nonce, also of the same bytes', () => {
    const nonces = Array.from({ length: 2000 }, () =>
      Buffer.from(seal(key, Buffer.from('same'), associatedData).subarray(headerBytes, 17)).toString('hex'),
    );
    expect(new Set(nonces).size).toBe(nonces.length);
  });

  it('reads and opens bytes that lie inside a larger buffer', () => {
    const larger = new Uint8Array(sealed.byteLength + 20);
    larger.set(sealed, 7);
    const inside = asSealedBytes(larger.subarray(7, 7 + sealed.byteLength));
    expect(readGeneration(inside)).toEqual({ ok: true, value: 7 });
    expect(open(key, inside, associatedData).ok).toBe(true);
  });

  it('leaves the sealed bytes and the plaintext of the caller as they were', () => {
    const bytes = Buffer.from(plaintext);
    const box = seal(key, bytes, associatedData);
    const before = Buffer.from(box).toString('hex');
    expect(open(key, box, associatedData).ok).toBe(true);
    expect(open(key, box, associatedData).ok).toBe(true);
    expect(Buffer.from(box).toString('hex')).toBe(before);
    expect(bytes.toString()).toBe(plaintext);
  });
});

describe('R-043 tampering', () => {
  it('no sealed value with one bit turned opens, and each says why', () => {
    for (let bit = 0; bit < 8 * sealed.byteLength; bit += 1) {
      const changed = Uint8Array.from(sealed);
      const at = bit >> 3;
      changed[at] = (changed[at] ?? 0) ^ (1 << (bit & 7));
      const reason = at === 0 ? 'format_unknown' : at < headerBytes ? 'wrong_generation' : 'not_authentic';
      expect(open(key, changed, associatedData), `bit ${bit}`).toEqual({ ok: false, reason });
    }
  });

  it('no sealed value with one byte replaced by any other opens', () => {
    for (let at = 0; at < sealed.byteLength; at += 1) {
      const changed = Uint8Array.from(sealed);
      for (let step = 1; step < 256; step += 1) {
        changed[at] = ((sealed[at] ?? 0) + step) % 256;
        expect(open(key, changed, associatedData).ok).toBe(false);
      }
    }
  });

  it('no sealed value cut short at either end, lengthened or emptied opens', () => {
    for (let size = 0; size < sealed.byteLength; size += 1) {
      const reason = size < 33 ? 'too_short' : 'not_authentic';
      expect(open(key, sealed.subarray(0, size), associatedData)).toEqual({ ok: false, reason });
      expect(open(key, sealed.subarray(sealed.byteLength - size), associatedData).ok).toBe(false);
    }
    const longer = new Uint8Array(sealed.byteLength + 1);
    longer.set(sealed);
    expect(open(key, longer, associatedData)).toEqual({ ok: false, reason: 'not_authentic' });
  });

  it('no random bytes open or throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(open(key, bytes, associatedData).ok).toBe(false);
        const framed = Uint8Array.from([1, 0, 0, 0, 7, ...bytes]);
        expect(open(key, framed, associatedData).ok).toBe(false);
      }),
    );
  });

  it('the generation in the header is authenticated, not only compared', () => {
    const renumbered = Uint8Array.from(sealed);
    renumbered[4] = 8;
    const sameBytes = { ...key, generation: 8 };
    expect(open(sameBytes, renumbered, associatedData)).toEqual({ ok: false, reason: 'not_authentic' });
  });
});

describe('R-308 a row moved, swapped or rolled back does not open', () => {
  const changes: [keyof ValueBinding, Partial<ValueBinding>][] = [
    ['organizationId', { organizationId: 'org_2' }],
    ['scope', { scope: 'organization' }],
    ['ownerId', { ownerId: 'agt_2' }],
    ['secretId', { secretId: 'sec_2' }],
    ['environment', { environment: '*' }],
    ['version', { version: 2 }],
  ];

  it('every column of a binding is tried', () => {
    expect(changes.map(([column]) => column)).toEqual(Object.keys(place));
  });

  it.each(changes)('another %s', (_column, change) => {
    const elsewhere = encodeBinding('value', { ...place, ...change });
    expect(open(key, sealed, elsewhere)).toEqual({ ok: false, reason: 'not_authentic' });
    const other = seal(key, Buffer.from('other'), elsewhere);
    expect(open(key, other, associatedData)).toEqual({ ok: false, reason: 'not_authentic' });
  });

  it('every bit of the associated data counts', () => {
    for (let bit = 0; bit < 8 * associatedData.byteLength; bit += 1) {
      const changed = Uint8Array.from(associatedData);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(open(key, sealed, changed)).toEqual({ ok: false, reason: 'not_authentic' });
    }
  });
});

describe('data keys', () => {
  it('another key of the same generation does not open, one of another generation is told apart', () => {
    const name = { id: 'dk_2', organizationId };
    expect(open(createDataKey({ ...name, generation: 7 }), sealed, associatedData)).toEqual({
      ok: false,
      reason: 'not_authentic',
    });
    expect(open(createDataKey({ ...name, generation: 8 }), sealed, associatedData)).toEqual({
      ok: false,
      reason: 'wrong_generation',
    });
  });

  it('the whole range of generations is read back from what it sealed, and no other is created', () => {
    for (const generation of [1, 255, 256, 2 ** 31, 2 ** 32 - 1]) {
      const box = seal(createDataKey({ id: 'dk', organizationId, generation }), Buffer.of(1), associatedData);
      expect(readGeneration(box)).toEqual({ ok: true, value: generation });
    }
    for (const generation of [0, -1, 1.5, 2 ** 32, Number.NaN]) {
      expect(() => createDataKey({ id: 'dk', organizationId, generation })).toThrow(RangeError);
    }
  });

  it('a key whose bytes are not 32 throws instead of sealing', () => {
    const short = { ...key, bytes: SecretBytes.from(new Uint8Array(16)) };
    expect(() => seal(short, Buffer.of(1), associatedData)).toThrow('Invalid key length');
  });

  it('R-043 a key is exhausted far below the limit of NIST for random nonces', () => {
    expect(isExhausted(0)).toBe(false);
    expect(isExhausted(SEALS_PER_DATA_KEY - 1)).toBe(false);
    expect(isExhausted(SEALS_PER_DATA_KEY)).toBe(true);
    expect(SEALS_PER_DATA_KEY).toBeLessThanOrEqual(2 ** 32 / 256);
  });

  it('an ephemeral key seals for a cache, and no stored generation is taken for it', () => {
    const ephemeral = createEphemeralKey();
    const bound = encodeBinding('cache', { organizationId, entry: 'agt_1/production', change: 12 });
    const box = seal(ephemeral, Buffer.from(plaintext), bound);
    const opened = open(ephemeral, box, bound);
    expect(opened.ok && opened.value.revealPlaintext()).toBe(plaintext);
    expect(open(createEphemeralKey(), box, bound)).toEqual({ ok: false, reason: 'not_authentic' });
    expect(open(key, box, bound)).toEqual({ ok: false, reason: 'wrong_generation' });
  });
});
