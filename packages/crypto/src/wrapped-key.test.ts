import { describe, expect, it } from 'vitest';
import { encodeBinding } from './binding.ts';
import { createDataKey, createKeyBytes } from './data-key.ts';
import { generateRootKeyText, rootKeyFromText, type RootKey } from './root-key.ts';
import { open, seal } from './sealed-value.ts';
import { readRootKeyId, unwrapDataKey, unwrapKey, wrapDataKey, wrapKey } from './wrapped-key.ts';

const createRootKey = (): RootKey => {
  const read = rootKeyFromText(generateRootKeyText());
  if (!read.ok) throw new Error(read.reason);
  return read.value;
};

const rootKey = createRootKey();
const name = { id: 'dk_1', organizationId: 'org_1', generation: 2 };
const dataKey = createDataKey(name);
const wrapped = wrapDataKey(rootKey, dataKey);

describe('a wrapped key', () => {
  it('R-045 says which root key wraps it, and opens under that one only', () => {
    const other = createRootKey();
    expect(readRootKeyId(wrapped)).toEqual({ ok: true, value: rootKey.id });
    expect(unwrapDataKey(rootKey, wrapped, name).ok).toBe(true);
    expect(unwrapDataKey(other, wrapped, name)).toEqual({ ok: false, reason: 'wrong_root_key' });
    const renamed = { ...other, id: rootKey.id };
    expect(unwrapDataKey(renamed, wrapped, name)).toEqual({ ok: false, reason: 'not_authentic' });
  });

  it('R-045 re-wrapped by a further root key, opens what the data key sealed before', () => {
    const next = createRootKey();
    const associatedData = encodeBinding('cache', { organizationId: 'org_1', entry: 'x', change: 1 });
    const sealed = seal(dataKey, Buffer.from('value'), associatedData);
    const unwrapped = unwrapDataKey(rootKey, wrapped, name);
    if (!unwrapped.ok) throw new Error(unwrapped.reason);
    const again = unwrapDataKey(next, wrapDataKey(next, unwrapped.value), name);
    if (!again.ok) throw new Error(again.reason);
    const opened = open(again.value, sealed, associatedData);
    expect(opened.ok && opened.value.revealPlaintext()).toBe('value');
    expect(unwrapDataKey(rootKey, wrapped, name).ok).toBe(true);
  });

  it.each([
    ['id', { ...name, id: 'dk_2' }],
    ['organization', { ...name, organizationId: 'org_2' }],
    ['generation', { ...name, generation: 3 }],
  ])('R-308 does not open for a data key of another %s', (_column, elsewhere) => {
    expect(unwrapDataKey(rootKey, wrapped, elsewhere)).toEqual({ ok: false, reason: 'not_authentic' });
  });

  it('R-307 an audit key does not open as a fingerprint key', () => {
    const fields = { organizationId: 'org_1', keyId: 'key_1' };
    const auditKey = createKeyBytes();
    const box = wrapKey(rootKey, auditKey, encodeBinding('audit_key', fields));
    const opened = unwrapKey(rootKey, box, encodeBinding('audit_key', fields));
    expect(opened.ok && Buffer.from(opened.value.revealBytes()).equals(auditKey.revealBytes())).toBe(true);
    expect(unwrapKey(rootKey, box, encodeBinding('fingerprint_key', fields)).ok).toBe(false);
  });

  it('does not open with one bit turned, and says why', () => {
    for (let bit = 0; bit < 8 * wrapped.byteLength; bit += 1) {
      const changed = Uint8Array.from(wrapped);
      const at = bit >> 3;
      changed[at] = (changed[at] ?? 0) ^ (1 << (bit & 7));
      const reason = at === 0 ? 'format_unknown' : at < 9 ? 'wrong_root_key' : 'not_authentic';
      expect(unwrapDataKey(rootKey, changed, name), `bit ${bit}`).toEqual({ ok: false, reason });
    }
  });

  it('does not open cut short', () => {
    for (let size = 0; size < wrapped.byteLength; size += 1) {
      const reason = size < 37 ? 'too_short' : 'not_authentic';
      expect(unwrapDataKey(rootKey, wrapped.subarray(0, size), name)).toEqual({ ok: false, reason });
    }
  });

  it('holds neither the data key nor the root key', () => {
    for (const held of [dataKey.bytes, rootKey.wrappingKey]) {
      expect(Buffer.from(wrapped).includes(Buffer.from(held.revealBytes()))).toBe(false);
    }
  });
});
