import { randomFillSync } from 'node:crypto';
import { SecretBytes } from './secret-bytes.ts';

const keyBytes = 32;
const largestGeneration = 2 ** 32 - 1;

/**
 * How many seals one data key may make before it is rotated. NIST SP 800-38D, 8.3, allows 2^32 with
 * random nonces; at 2^24 the chance that any two nonces were equal is below 2^-49.
 */
export const SEALS_PER_DATA_KEY = 2 ** 24;

/** Seals the values of one organization; 32 bytes for AES-256. Generations count from 1. */
export interface DataKey {
  readonly id: string;
  readonly organizationId: string;
  readonly generation: number;
  readonly bytes: SecretBytes;
}

/** What names a data key without its bytes. */
export type DataKeyName = Omit<DataKey, 'bytes'>;

/** Whether a key that made this many seals must not make another. */
export const isExhausted = (sealCount: number): boolean => sealCount >= SEALS_PER_DATA_KEY;

/** 32 random bytes: for a data key, an audit key or a fingerprint key. */
export const createKeyBytes = (): SecretBytes => SecretBytes.adopt(randomFillSync(new Uint8Array(keyBytes)));

/** A new random data key. Throws a `RangeError` if the generation is not a whole number from 1 to 2^32 - 1. */
export const createDataKey = (name: DataKeyName): DataKey => {
  const { id, organizationId, generation } = name;
  if (!Number.isInteger(generation) || generation < 1 || generation > largestGeneration) {
    throw new RangeError('The generation of a data key is a whole number from 1 to 2^32 - 1');
  }
  return { id, organizationId, generation, bytes: createKeyBytes() };
};

/**
 * A key for what is sealed only in this process's memory and dies with it, such as a cache of
 * bundles. Its generation is 0, which no stored data key has.
 */
export const createEphemeralKey = (): DataKey => ({
  id: 'ephemeral',
  organizationId: '',
  generation: 0,
  bytes: createKeyBytes(),
});
