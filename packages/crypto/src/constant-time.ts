import { timingSafeEqual } from 'node:crypto';

const toBytes = (input: string | Uint8Array): Uint8Array =>
  typeof input === 'string' ? Buffer.from(input) : input;

/**
 * Whether both are the same bytes (text counts as UTF-8), in a time that does not depend on where
 * they differ. It may depend on their lengths, which must not be secret.
 */
export const equalInConstantTime = (a: string | Uint8Array, b: string | Uint8Array): boolean => {
  const left = toBytes(a);
  const right = toBytes(b);
  return left.byteLength === right.byteLength && timingSafeEqual(left, right);
};
