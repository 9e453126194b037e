import { decrypt, encrypt, overheadBytes } from './aes-gcm.ts';
import { encodeBinding } from './binding.ts';
import type { DataKey, DataKeyName } from './data-key.ts';
import { failure, success, type Result } from './result.ts';
import { rootKeyIdBytes, type RootKey } from './root-key.ts';
import { SecretBytes } from './secret-bytes.ts';

declare const wrappedBrand: unique symbol;

/** A key encrypted by a root key, safe to store. */
export type WrappedKey = Uint8Array & { readonly [wrappedBrand]: true };

export type UnwrapFailure = 'format_unknown' | 'too_short' | 'wrong_root_key' | 'not_authentic';

// A wrapped key:
//
//   offset   bytes  field
//   0        1      format number, 1
//   1        8      id of the root key (the 16 hex digits of `RootKey.id`)
//   9        12     nonce
//   21       n      ciphertext, as long as the key
//   21 + n   16     tag
//
// AES-256-GCM under the wrapping key of the root key. Authenticated besides the ciphertext: the 9
// bytes of header, then the associated data of the caller.
const formatNumber = 1;
const rootKeyIdAt = 1;
const headerBytes = rootKeyIdAt + rootKeyIdBytes;
const minBytes = headerBytes + overheadBytes;

/** Encrypts the bytes of a key under the root key, bound to the associated data (`encodeBinding`). */
export const wrapKey = (
  rootKey: RootKey,
  keyBytes: SecretBytes | Uint8Array,
  associatedData: Uint8Array,
): WrappedKey => {
  const header = new Uint8Array(headerBytes);
  header[0] = formatNumber;
  header.set(Buffer.from(rootKey.id, 'hex'), rootKeyIdAt);
  const plaintext = keyBytes instanceof SecretBytes ? keyBytes.revealBytes() : keyBytes;
  return encrypt({ key: rootKey.wrappingKey.toKeyObject(), header, plaintext, associatedData }) as WrappedKey;
};

/** The id of the root key that wraps this key; not authenticated until `unwrapKey` succeeds. */
export const readRootKeyId = (wrapped: Uint8Array): Result<string, 'format_unknown' | 'too_short'> => {
  if (wrapped.byteLength > 0 && wrapped[0] !== formatNumber) return failure('format_unknown');
  if (wrapped.byteLength < minBytes) return failure('too_short');
  return success(Buffer.from(wrapped.subarray(rootKeyIdAt, headerBytes)).toString('hex'));
};

/** Decrypts what `wrapKey` made under the same root key and associated data; anything else is a reason. */
export const unwrapKey = (
  rootKey: RootKey,
  wrapped: Uint8Array,
  associatedData: Uint8Array,
): Result<SecretBytes, UnwrapFailure> => {
  const rootKeyId = readRootKeyId(wrapped);
  if (!rootKeyId.ok) return rootKeyId;
  if (rootKeyId.value !== rootKey.id) return failure('wrong_root_key');
  const key = rootKey.wrappingKey.toKeyObject();
  const bytes = decrypt({ key, headerBytes, box: wrapped, associatedData });
  return bytes === undefined ? failure('not_authentic') : success(SecretBytes.adopt(bytes));
};

const bindDataKey = ({ id, organizationId, generation }: DataKeyName): Uint8Array =>
  encodeBinding('data_key', { organizationId, keyId: id, generation });

/** Wraps a data key, bound to its id, organization and generation. */
export const wrapDataKey = (rootKey: RootKey, dataKey: DataKey): WrappedKey =>
  wrapKey(rootKey, dataKey.bytes, bindDataKey(dataKey));

/** Opens what `wrapDataKey` made for a key of this very id, organization and generation. */
export const unwrapDataKey = (
  rootKey: RootKey,
  wrapped: Uint8Array,
  name: DataKeyName,
): Result<DataKey, UnwrapFailure> => {
  const { id, organizationId, generation } = name;
  const bytes = unwrapKey(rootKey, wrapped, bindDataKey(name));
  return bytes.ok ? success({ id, organizationId, generation, bytes: bytes.value }) : bytes;
};
