import { hkdfSync, randomBytes } from 'node:crypto';
import { failure, success, type Result } from './result.ts';
import { SecretBytes } from './secret-bytes.ts';

/**
 * The key outside the database. `id` is public: 16 hex digits derived one way from the key, the
 * same for the same key, so that a wrapped key can say which root key wraps it.
 */
export interface RootKey {
  readonly id: string;
  readonly wrappingKey: SecretBytes;
}

export type RootKeyFailure = 'empty' | 'malformed' | 'wrong_length';

// Derivations from the 32 bytes of the root key, both HKDF-SHA256 (RFC 5869) with an empty salt:
//
//   id            info 'coffer/root-key-id/1'    8 bytes, written as hex
//   wrapping key  info 'coffer/root-key-wrap/1'  32 bytes, for AES-256
const idInfo = 'coffer/root-key-id/1';
const wrapInfo = 'coffer/root-key-wrap/1';
const rootKeyBytes = 32;
export const rootKeyIdBytes = 8;

const hexText = /^(?:[0-9a-f]{2})+$/i;
const base64Text = /^(?:[A-Za-z0-9+/]+|[A-Za-z0-9_-]+)={0,2}$/;

const derive = (key: Uint8Array, info: string, byteLength: number): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', key, '', info, byteLength));

/** 64 hex digits are also base64 of 48 bytes; read as hex, as no other text of that length is a root key. */
const decodeKeyText = (text: string): Buffer | undefined => {
  if (text.length === 2 * rootKeyBytes && hexText.test(text)) return Buffer.from(text, 'hex');
  if (!base64Text.test(text)) return undefined;
  const decoded = Buffer.from(text, 'base64');
  const unpadded = text.replace(/=+$/, '');
  const hasRightPadding = text.length === unpadded.length || text.length % 4 === 0;
  const isCanonical = decoded.toString('base64url') === unpadded.replaceAll('+', '-').replaceAll('/', '_');
  return hasRightPadding && isCanonical ? decoded : undefined;
};

/**
 * Reads a root key: 32 bytes as base64 (standard or URL alphabet, padded or not) or as 64 hex
 * digits, with at most one newline after it. Any other text is a reason, which never holds the text.
 */
export const rootKeyFromText = (text: string): Result<RootKey, RootKeyFailure> => {
  const trimmed = text.replace(/\r?\n$/, '');
  if (trimmed === '') return failure('empty');
  const key = decodeKeyText(trimmed);
  if (key === undefined) return failure('malformed');
  if (key.byteLength !== rootKeyBytes) return failure('wrong_length');
  const rootKey = {
    id: Buffer.from(derive(key, idInfo, rootKeyIdBytes)).toString('hex'),
    wrappingKey: SecretBytes.adopt(derive(key, wrapInfo, rootKeyBytes)),
  };
  key.fill(0);
  return success(rootKey);
};

/** A new random root key as base64 with one newline, ready to be written to its file. It is a secret. */
export const generateRootKeyText = (): string => `${randomBytes(rootKeyBytes).toString('base64')}\n`;
