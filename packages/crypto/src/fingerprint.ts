import { createHmac, createSecretKey, hkdfSync } from 'node:crypto';
import { SecretBytes } from './secret-bytes.ts';

// HKDF-SHA256 (RFC 5869) of the fingerprint key, empty salt, info = label then the UTF-8 secret id,
// gives the secret's own key; the fingerprint is HMAC-SHA256 (RFC 2104) of the value under it, in hex.
const label = 'coffer/fingerprint/1:';
const secretKeyBytes = 32;

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
  const secretKey = hkdfSync('sha256', key.toKeyObject(), '', label + secretId, secretKeyBytes);
  // A raw key would be imported by a much slower way.
  const hmacKey = createSecretKey(new Uint8Array(secretKey));
  return createHmac('sha256', hmacKey).update(value).digest('hex');
};
