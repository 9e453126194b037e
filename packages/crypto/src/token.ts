import { hash, randomFillSync } from 'node:crypto';

/** What a token lets its holder be: an API key, a person's session, a workload's link, an invitation, a device login. */
export const tokenPrefixes = ['cfr_key', 'cfr_ses', 'cfr_run', 'cfr_inv', 'cfr_dev'] as const;
export type TokenPrefix = (typeof tokenPrefixes)[number];

// A token, as GitHub lays its own out so that scanners and typing mistakes are told apart
// (github.blog/engineering/behind-githubs-new-authentication-token-formats):
//
//   cfr_key_ <43 characters> <6 characters>
//
//   prefix    'cfr_', a kind of three letters, '_'
//   random    256 random bits, big-endian, in base62 with digits 0-9A-Za-z, padded with '0'
//   checksum  the first 4 bytes of SHA-256 over all before it, big-endian, in the same base62
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const base = BigInt(digits.length);
const randomByteCount = 32;
const randomLength = 43;
const checksumLength = 6;
const tokenShape = new RegExp(
  `^(?:${tokenPrefixes.join('|')})_[0-9A-Za-z]{${randomLength + checksumLength}}$`,
);

const toBase62 = (hex: string, length: number): string => {
  let text = '';
  for (let rest = BigInt(`0x${hex}`); rest > 0n; rest /= base)
    text = digits.charAt(Number(rest % base)) + text;
  return text.padStart(length, '0');
};

const checksumOf = (body: string): string => toBase62(hash('sha256', body).slice(0, 8), checksumLength);

/** Random bytes are drawn ahead: a call into the generator costs as much as the rest of a token. */
const drawn = Buffer.alloc(randomByteCount * 128);
let used = drawn.length;

const drawHex = (): string => {
  if (used === drawn.length) {
    randomFillSync(drawn);
    used = 0;
  }
  const taken = drawn.subarray(used, used + randomByteCount);
  used += randomByteCount;
  const hex = taken.toString('hex');
  taken.fill(0);
  return hex;
};

/** A new random token. It is shown once; only `hashToken` of it is stored. */
export const createToken = (prefix: TokenPrefix): string => {
  const body = `${prefix}_${toBase62(drawHex(), randomLength)}`;
  return body + checksumOf(body);
};

/**
 * SHA-256 of the token, 64 hex digits: what is stored and looked up. A slow hash would add nothing
 * against 256 random bits and would sit on every request.
 */
export const hashToken = (token: string): string => hash('sha256', token);

/** Whether prefix, length and checksum fit; says nothing about whether the token was ever given out. */
export const isTokenWellFormed = (token: string): boolean =>
  tokenShape.test(token) && token.endsWith(checksumOf(token.slice(0, -checksumLength)));

/** The prefix of a well-formed token, else `undefined`. */
export const findTokenPrefix = (token: string): TokenPrefix | undefined =>
  isTokenWellFormed(token) ? tokenPrefixes.find((prefix) => token.startsWith(`${prefix}_`)) : undefined;
