import { createCipheriv, createDecipheriv, randomFillSync, type KeyObject } from 'node:crypto';

// AES-256-GCM as NIST SP 800-38D has it, with the one nonce and tag size used here. The layers above
// own the header; this one owns everything after it:
//
//   offset       bytes  field
//   0            h      header, authenticated together with the associated data
//   h            12     nonce
//   h + 12       n      ciphertext, as long as the plaintext
//   h + 12 + n   16     tag
const nonceBytes = 12;
const tagBytes = 16;
const algorithm = 'aes-256-gcm';
const tagOptions = { authTagLength: tagBytes };

export const overheadBytes = nonceBytes + tagBytes;

export interface EncryptInput {
  readonly key: KeyObject;
  readonly header: Uint8Array;
  readonly plaintext: Uint8Array;
  readonly associatedData: Uint8Array;
}

export interface DecryptInput {
  readonly key: KeyObject;
  readonly headerBytes: number;
  readonly box: Uint8Array;
  readonly associatedData: Uint8Array;
}

const authenticated = (header: Uint8Array, associatedData: Uint8Array): Uint8Array => {
  if (header.byteLength === 0) return associatedData;
  const joined = new Uint8Array(header.byteLength + associatedData.byteLength);
  joined.set(header);
  joined.set(associatedData, header.byteLength);
  return joined;
};

/** Nonces are drawn ahead, and each is used once: a call into the generator costs more than a short value's encryption. */
const drawn = new Uint8Array(nonceBytes * 256);
let used = drawn.length;

const drawNonce = (nonce: Uint8Array): void => {
  if (used === drawn.length) {
    randomFillSync(drawn);
    used = 0;
  }
  nonce.set(drawn.subarray(used, used + nonceBytes));
  used += nonceBytes;
};

/**
 * Encrypts under a nonce drawn by `fillNonce`, by default the system's random source. A nonce used
 * twice under one key gives both plaintexts away: only the check against published vectors passes its own.
 */
export const encrypt = (
  { key, header, plaintext, associatedData }: EncryptInput,
  fillNonce: (nonce: Uint8Array) => void = drawNonce,
): Uint8Array => {
  const ciphertextAt = header.byteLength + nonceBytes;
  const box = new Uint8Array(ciphertextAt + plaintext.byteLength + tagBytes);
  const nonce = box.subarray(header.byteLength, ciphertextAt);
  box.set(header);
  fillNonce(nonce);
  const cipher = createCipheriv(algorithm, key, nonce, tagOptions);
  cipher.setAAD(authenticated(header, associatedData));
  box.set(cipher.update(plaintext), ciphertextAt);
  cipher.final();
  box.set(cipher.getAuthTag(), ciphertextAt + plaintext.byteLength);
  return box;
};

/**
 * The plaintext, or `undefined` if key, header, nonce, ciphertext, tag or associated data are not
 * those of the seal. The box holds at least `headerBytes + overheadBytes` bytes.
 */
export const decrypt = ({ key, headerBytes, box, associatedData }: DecryptInput): Uint8Array | undefined => {
  const ciphertextAt = headerBytes + nonceBytes;
  const tagAt = box.byteLength - tagBytes;
  const decipher = createDecipheriv(algorithm, key, box.subarray(headerBytes, ciphertextAt), tagOptions);
  decipher.setAAD(authenticated(box.subarray(0, headerBytes), associatedData));
  decipher.setAuthTag(box.subarray(tagAt));
  const plaintext = decipher.update(box.subarray(ciphertextAt, tagAt));
  try {
    decipher.final();
  } catch {
    plaintext.fill(0);
    return undefined;
  }
  return plaintext;
};
