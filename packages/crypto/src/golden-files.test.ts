// The golden files were recorded once by `npm run record-golden` and must open for ever: a change
// that fails here reads what is stored in databases differently.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  createToken,
  encodeBinding,
  fingerprint,
  hashToken,
  isTokenWellFormed,
  open,
  readGeneration,
  readRootKeyId,
  rootKeyFromText,
  SecretBytes,
  startChain,
  tokenPrefixes,
  unwrapDataKey,
  unwrapKey,
  verifyChain,
  type BindingPurpose,
  type Bindings,
  type DataKeyName,
  type PlainKeyBinding,
  type Result,
  type ValueBinding,
} from './index.ts';

const readGolden = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`golden/${name}.json`, import.meta.url), 'utf8'));
const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const secretFromHex = (hex: string): SecretBytes => SecretBytes.from(fromHex(hex));
const expectValue = <Value>(result: Result<Value, unknown>): Value => {
  if (!result.ok) throw new Error(`refused: ${String(result.reason)}`);
  return result.value;
};

describe('golden files', () => {
  it('R-042 R-043 sealed values of format 1 open', () => {
    const cases = readGolden('sealed-value-1') as {
      keyHex: string;
      generation: number;
      binding: ValueBinding;
      associatedDataHex: string;
      plaintext: string;
      sealedHex: string;
    }[];
    expect(cases).toHaveLength(4);
    for (const { keyHex, generation, binding, associatedDataHex, plaintext, sealedHex } of cases) {
      const associatedData = encodeBinding('value', binding);
      expect(toHex(associatedData)).toBe(associatedDataHex);
      const key = { id: 'dk_1', organizationId: '', generation, bytes: secretFromHex(keyHex) };
      const sealed = fromHex(sealedHex);
      expect(expectValue(readGeneration(sealed))).toBe(generation);
      expect(expectValue(open(key, sealed, associatedData)).revealPlaintext()).toBe(plaintext);
    }
  });

  it('R-308 the bytes of every binding stay what they were', () => {
    const cases = readGolden('binding-1') as {
      purpose: BindingPurpose;
      fields: Bindings[BindingPurpose];
      encodedHex: string;
    }[];
    expect(cases).toHaveLength(6);
    for (const { purpose, fields, encodedHex } of cases) {
      expect(toHex(encodeBinding(purpose, fields))).toBe(encodedHex);
    }
  });

  it('R-045 wrapped keys of format 1 open under their root key, whose id is unchanged', () => {
    const { rootKeyText, rootKeyId, dataKey, auditKey } = readGolden('wrapped-key-1') as {
      rootKeyText: string;
      rootKeyId: string;
      dataKey: { name: DataKeyName; keyHex: string; wrappedHex: string };
      auditKey: { binding: PlainKeyBinding; keyHex: string; wrappedHex: string };
    };
    const rootKey = expectValue(rootKeyFromText(rootKeyText));
    expect(rootKey.id).toBe(rootKeyId);
    expect(expectValue(readRootKeyId(fromHex(dataKey.wrappedHex)))).toBe(rootKeyId);

    const opened = expectValue(unwrapDataKey(rootKey, fromHex(dataKey.wrappedHex), dataKey.name));
    expect(toHex(opened.bytes.revealBytes())).toBe(dataKey.keyHex);
    expect(opened).toMatchObject(dataKey.name);

    const associatedData = encodeBinding('audit_key', auditKey.binding);
    const bytes = expectValue(unwrapKey(rootKey, fromHex(auditKey.wrappedHex), associatedData));
    expect(toHex(bytes.revealBytes())).toBe(auditKey.keyHex);
  });

  it('R-307 an audit chain of format 1 verifies', () => {
    const { auditKeyHex, chainId, startHex, events } = readGolden('audit-chain-1') as {
      auditKeyHex: string;
      chainId: string;
      startHex: string;
      events: { event: string; macHex: string }[];
    };
    const auditKey = secretFromHex(auditKeyHex);
    const start = startChain(auditKey, chainId);
    expect(toHex(start)).toBe(startHex);
    const chained = events.map(({ event, macHex }) => ({ event, mac: fromHex(macHex) }));
    expect(expectValue(verifyChain(auditKey, start, chained))).toMatchObject({ count: 3 });
  });

  it('R-159 fingerprints stay comparable with those stored', () => {
    const { fingerprintKeyHex, fingerprints } = readGolden('fingerprint-1') as {
      fingerprintKeyHex: string;
      fingerprints: { secretId: string; value: string; fingerprint: string }[];
    };
    const key = secretFromHex(fingerprintKeyHex);
    expect(fingerprints).toHaveLength(6);
    for (const stored of fingerprints) {
      expect(fingerprint(key, stored.secretId, SecretBytes.from(stored.value))).toBe(stored.fingerprint);
    }
  });

  it('tokens given out stay well-formed and keep their stored hash', () => {
    const cases = readGolden('token-1') as { prefix: string; token: string; hash: string }[];
    expect(cases.map(({ prefix }) => prefix)).toEqual(tokenPrefixes.slice(0, cases.length));
    for (const { token, hash } of cases) {
      expect(isTokenWellFormed(token)).toBe(true);
      expect(hashToken(token)).toBe(hash);
      expect(createToken('cfr_key')).toHaveLength(token.length);
    }
  });
});
