import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { SecretBytes } from './secret-bytes.ts';

// HKDF-SHA256 (RFC 5869) of the fingerprint key, empty salt, info = label then the UTF-8 secret id,
// gives the secret's own key; the fingerprint is HMAC-SHA256 (RFC 2104) of the value under it, in hex.
const label = 'coffer/fingerprint/1:';
// 32 bytes are the first block of HKDF's expansion: HMAC under the extracted key of info and this byte.
const firstBlock = Uint8Array.of(1);
const emptySalt = createSecretKey(new Uint8Array(32));

/** HKDF's extracted keys: the same for every secret, and gone with the key they come from. */
const extractedKeys = new WeakMap<SecretBytes, KeyObject>();

const extract = (key: SecretBytes): KeyObject => {
  const bytes = key.revealBytes();
  const known = extractedKeys.get(key);
  if (known !== undefined) return known;
  const extracted = createSecretKey(createHmac('sha256', emptySalt).update(bytes).digest());
  extractedKeys.set(key, extracted);
  return extracted;
};

/**
 * 64 hex digits, equal for equal values of one secret and for nothing else. `key` is the
 * organization's fingerprint key, wrapped by the root key and apart from the data keys, so that
 * fingerprints stay comparable when a data key is rotated.
 */
export const fingerprint = (
  key: SecretBytes,
  secretId: string,
  valueBytes: SecretBytes | Uint8Array,
): string => {
  const value = valueBytes instanceof SecretBytes ? valueBytes.revealBytes() : valueBytes;
  const secretKey = createHmac('sha256', extract(key))
    .update(label + secretId)
    .update(firstBlock)
    .digest();
  // A raw key would be imported by a much slower way.
  const hmacKey = createSecretKey(secretKey);
  return createHmac('sha256', hmacKey).update(value).digest('hex');
};
