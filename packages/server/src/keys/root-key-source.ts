import { CofferError } from '../domain/errors.ts';
import { rootKeyFromText, type RootKey, type RootKeyFailure } from '@coffer/crypto';
import type { RootKeys } from '../domain/keyring/keyring.ts';

/** Reads the text of the root keys: the current one first, then those that still wrap something. */
export type ReadRootKeys = () => Promise<readonly string[]>;

const reasons: Record<RootKeyFailure, string> = {
  empty: 'it is empty',
  malformed: 'it is neither base64 nor hex',
  wrong_length: 'it does not hold 32 bytes',
};

const parse = (text: string, place: string): RootKey => {
  const key = rootKeyFromText(text);
  if (key.ok) return key.value;
  throw new CofferError('root_key_invalid', {
    detail: `The root key from ${place} cannot be used: ${reasons[key.reason]}.`,
    hint: 'A root key is 32 bytes as base64 or hex, for example from: openssl rand -base64 32',
  });
};

/** Root keys from a source that can be read again: while a rotation runs, two of them work. */
export const openRootKeys = async (read: ReadRootKeys, place: string): Promise<RootKeys> => {
  const keys = new Map<string, RootKey>();
  let current: RootKey | undefined;
  const reload = async (): Promise<void> => {
    const texts = await read();
    const [first, ...others] = texts.map((text) => parse(text, place));
    if (first === undefined) return;
    current = first;
    for (const key of [first, ...others]) keys.set(key.id, key);
  };
  await reload();
  return {
    current() {
      if (current !== undefined) return current;
      throw new CofferError('root_key_invalid', {
        detail: `There is no root key in ${place}.`,
        hint: 'Put the root key there, or point --root-key-file at it.',
      });
    },
    find: (id) => keys.get(id),
    reload,
  };
};
