import { decrypt, encrypt, overheadBytes } from './aes-gcm.ts';
import type { DataKey } from './data-key.ts';
import { failure, success, type Result } from './result.ts';
import { SecretBytes } from './secret-bytes.ts';

declare const sealedBrand: unique symbol;

/** Encrypted bytes, safe to store. Only `seal` and `asSealedBytes` make them. */
export type SealedBytes = Uint8Array & { readonly [sealedBrand]: true };

/** Why sealed bytes did not open; for audit and log, never for the caller. */
export type OpenFailure = 'format_unknown' | 'too_short' | 'wrong_generation' | 'not_authentic';

// A sealed value:
//
//   offset   bytes  field
//   0        1      format number, 1
//   1        4      generation of the data key, unsigned, big-endian
//   5        12     nonce
//   17       n      ciphertext, as long as the plaintext
//   17 + n   16     tag
//
// AES-256-GCM under the bytes of the data key. Authenticated besides the ciphertext: the 5 bytes of
// header, then the associated data of the caller.
const formatNumber = 1;
const generationAt = 1;
const headerBytes = 5;
const minBytes = headerBytes + overheadBytes;

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Marks bytes read back from storage as sealed. It proves nothing about them: `open` does. */
export const asSealedBytes = (bytes: Uint8Array): SealedBytes => bytes as SealedBytes;

/**
 * Encrypts under a fresh random 96-bit nonce and binds the result to the associated data
 * (`encodeBinding`). The caller counts seals and rotates the key by `isExhausted`.
 */
export const seal = (
  key: DataKey,
  plaintext: SecretBytes | Uint8Array,
  associatedData: Uint8Array,
): SealedBytes => {
  const header = new Uint8Array(headerBytes);
  header[0] = formatNumber;
  viewOf(header).setUint32(generationAt, key.generation);
  const bytes = plaintext instanceof SecretBytes ? plaintext.revealBytes() : plaintext;
  return asSealedBytes(encrypt({ key: key.bytes.toKeyObject(), header, plaintext: bytes, associatedData }));
};

/** The generation of the data key that opens these bytes; not authenticated until `open` succeeds. */
export const readGeneration = (sealed: Uint8Array): Result<number, 'format_unknown' | 'too_short'> => {
  if (sealed.byteLength > 0 && sealed[0] !== formatNumber) return failure('format_unknown');
  if (sealed.byteLength < minBytes) return failure('too_short');
  return success(viewOf(sealed).getUint32(generationAt));
};

/**
 * Decrypts what `seal` made under the same key and associated data; anything else is a reason. The
 * bytes may be hostile, a key that is not 32 bytes throws.
 */
export const open = (
  key: DataKey,
  sealed: Uint8Array,
  associatedData: Uint8Array,
): Result<SecretBytes, OpenFailure> => {
  const generation = readGeneration(sealed);
  if (!generation.ok) return generation;
  if (generation.value !== key.generation) return failure('wrong_generation');
  const plaintext = decrypt({ key: key.bytes.toKeyObject(), headerBytes, box: sealed, associatedData });
  return plaintext === undefined ? failure('not_authentic') : success(SecretBytes.adopt(plaintext));
};
