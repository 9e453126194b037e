// Every format is read and written here from its drawing alone, with @noble/ciphers and WebCrypto
// in place of node:crypto. A mistake in our reading of our own layout would otherwise go unseen.
import { webcrypto } from 'node:crypto';
import { gcm } from '@noble/ciphers/aes.js';
import { describe, expect, it } from 'vitest';
import { chainEvent, startChain } from './audit-chain.ts';
import { encodeBinding } from './binding.ts';
import { createDataKey, createKeyBytes } from './data-key.ts';
import { fingerprint } from './fingerprint.ts';
import { rootKeyFromText } from './root-key.ts';
import { open, seal } from './sealed-value.ts';
import { SecretBytes } from './secret-bytes.ts';
import { unwrapKey, wrapKey } from './wrapped-key.ts';

const { subtle } = webcrypto;
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const owned = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => Uint8Array.from(bytes);
const join = (...parts: Uint8Array[]): Uint8Array<ArrayBuffer> => owned(Buffer.concat(parts));
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const hmac = async (key: Uint8Array, data: Uint8Array): Promise<Uint8Array> => {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const imported = await subtle.importKey('raw', owned(key), algorithm, false, ['sign']);
  return new Uint8Array(await subtle.sign('HMAC', imported, owned(data)));
};

const hkdf = async (key: Uint8Array, info: string, byteLength: number): Promise<Uint8Array> => {
  const imported = await subtle.importKey('raw', owned(key), 'HKDF', false, ['deriveBits']);
  const algorithm = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info: owned(utf8(info)) };
  return new Uint8Array(await subtle.deriveBits(algorithm, imported, 8 * byteLength));
};

const decryptByWebCrypto = async (
  key: Uint8Array,
  box: { nonce: Uint8Array; rest: Uint8Array; associatedData: Uint8Array },
): Promise<Uint8Array> => {
  const imported = await subtle.importKey('raw', owned(key), 'AES-GCM', false, ['decrypt']);
  const algorithm = { name: 'AES-GCM', iv: owned(box.nonce), additionalData: owned(box.associatedData) };
  return new Uint8Array(await subtle.decrypt(algorithm, imported, owned(box.rest)));
};

const dataKey = createDataKey({ id: 'dk_1', organizationId: 'org_1', generation: 0x01020304 });
const keyBytes = dataKey.bytes.revealBytes();
const associatedData = encodeBinding('value', {
  organizationId: 'org_1',
  scope: 'agent',
  ownerId: 'agt_1',
  secretId: 'sec_1',
  environment: 'production',
  version: 3,
});
const header = Uint8Array.of(1, 1, 2, 3, 4);
const sizes = [0, 1, 15, 16, 17, 31, 32, 33, 1000, 65_536];

describe('sealed values', () => {
  it('R-043 noble and WebCrypto open what is sealed here', async () => {
    for (const size of sizes) {
      const plaintext = webcrypto.getRandomValues(new Uint8Array(size));
      const sealed = seal(dataKey, plaintext, associatedData);
      expect(toHex(sealed.subarray(0, 5))).toBe(toHex(header));
      const nonce = sealed.subarray(5, 17);
      const rest = sealed.subarray(17);
      const bound = join(header, associatedData);
      expect(toHex(gcm(keyBytes, nonce, bound).decrypt(rest))).toBe(toHex(plaintext));
      const opened = await decryptByWebCrypto(keyBytes, { nonce, rest, associatedData: bound });
      expect(toHex(opened)).toBe(toHex(plaintext));
    }
  });

  it('R-043 what noble seals opens here', () => {
    for (const size of sizes) {
      const plaintext = webcrypto.getRandomValues(new Uint8Array(size));
      const nonce = webcrypto.getRandomValues(new Uint8Array(12));
      const rest = gcm(keyBytes, nonce, join(header, associatedData)).encrypt(plaintext);
      const opened = open(dataKey, join(header, nonce, rest), associatedData);
      expect(opened.ok && toHex(opened.value.revealBytes())).toBe(toHex(plaintext));
    }
  });

  it('R-308 the associated data is the label, the purpose and the fields, each behind its length', () => {
    const field = (content: Uint8Array): Uint8Array => join(Uint8Array.of(0, 0, 0, content.length), content);
    const texts = ['coffer/binding/1', 'value', 'org_1', 'agent', 'agt_1', 'sec_1', 'production'];
    const version = field(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 3));
    expect(toHex(associatedData)).toBe(toHex(join(...texts.map((text) => field(utf8(text))), version)));
  });
});

describe('keys, chain and fingerprints', () => {
  it('R-045 WebCrypto derives the root key id and noble unwraps and wraps a key', async () => {
    const root = webcrypto.getRandomValues(new Uint8Array(32));
    const read = rootKeyFromText(toHex(root));
    if (!read.ok) throw new Error(read.reason);
    const rootKey = read.value;
    expect(toHex(await hkdf(root, 'coffer/root-key-id/1', 8))).toBe(rootKey.id);
    const wrappingKey = await hkdf(root, 'coffer/root-key-wrap/1', 32);
    const wrapHeader = join(Uint8Array.of(1), Buffer.from(rootKey.id, 'hex'));

    const wrapped = wrapKey(rootKey, dataKey.bytes, associatedData);
    const cipher = gcm(wrappingKey, wrapped.subarray(9, 21), join(wrapHeader, associatedData));
    expect(toHex(wrapped.subarray(0, 9))).toBe(toHex(wrapHeader));
    expect(toHex(cipher.decrypt(wrapped.subarray(21)))).toBe(toHex(keyBytes));

    const nonce = webcrypto.getRandomValues(new Uint8Array(12));
    const rest = gcm(wrappingKey, nonce, join(wrapHeader, associatedData)).encrypt(keyBytes);
    const unwrapped = unwrapKey(rootKey, join(wrapHeader, nonce, rest), associatedData);
    expect(unwrapped.ok && toHex(unwrapped.value.revealBytes())).toBe(toHex(keyBytes));
  });

  it('R-307 WebCrypto gives the same start and the same MAC of an event', async () => {
    const auditKey = createKeyBytes();
    const start = startChain(auditKey, 'org_1');
    expect(toHex(await hmac(auditKey.revealBytes(), utf8('coffer/audit-start/1:org_1')))).toBe(toHex(start));
    const event = utf8('{"name":"schlüssel"}');
    const layout = join(utf8('coffer/audit/1'), start, Uint8Array.of(0, 0, 0, event.length), event);
    const mac = toHex(await hmac(auditKey.revealBytes(), layout));
    expect(toHex(chainEvent(auditKey, start, event))).toBe(mac);
    expect(toHex(chainEvent(auditKey, start, '{"name":"schlüssel"}'))).toBe(mac);
  });

  it('R-159 WebCrypto gives the same fingerprint', async () => {
    const key = createKeyBytes();
    const secretKey = await hkdf(key.revealBytes(), 'coffer/fingerprint/1:sec_1', 32);
    const expected = toHex(await hmac(secretKey, utf8('value')));
    expect(fingerprint(key, 'sec_1', SecretBytes.from('value'))).toBe(expected);
  });
});
