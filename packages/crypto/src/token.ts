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
//   random    43 random digits 0-9A-Za-z (base62), each drawn evenly: 256 bits
//   checksum  the first 4 bytes of SHA-256 over all before it, big-endian, in the same base62
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const base = digits.length;
const randomLength = 43;
const checksumLength = 6;
const tokenShape = new RegExp(
  `^(?:${tokenPrefixes.join('|')})_[0-9A-Za-z]{${randomLength + checksumLength}}$`,
);

const checksumOf = (body: string): string => {
  let rest = Number.parseInt(hash('sha256', body).slice(0, 8), 16);
  let text = '';
  for (let digit = 0; digit < checksumLength; digit += 1) {
    text = digits.charAt(rest % base) + text;
    rest = Math.floor(rest / base);
  }
  return text;
};

/** Random bytes are drawn ahead: a call into the generator costs as much as the rest of a token. */
const drawn = Buffer.alloc(4096);
let used = drawn.length;
/** The largest multiple of the base that fits a byte; a byte from there on is drawn again, or some digits were likelier. */
const evenBelow = 256 - (256 % base);
const random = Buffer.alloc(randomLength);

const drawDigits = (): string => {
  for (let at = 0; at < randomLength;) {
    if (used === drawn.length) {
      randomFillSync(drawn);
      used = 0;
    }
    const byte = drawn[used] ?? 0;
    drawn[used] = 0;
    used += 1;
    if (byte >= evenBelow) continue;
    random[at] = digits.charCodeAt(byte % base);
    at += 1;
  }
  const text = random.toString('latin1');
  random.fill(0);
  return text;
};

/** A new random token. It is shown once; only `hashToken` of it is stored. */
export const createToken = (prefix: TokenPrefix): string => {
  const body = `${prefix}_${drawDigits()}`;
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
