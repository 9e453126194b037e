import { dirname, sep } from 'node:path';
import { CofferError } from '@coffer/contract';
import type { RootKeys } from './domain/keyring/keyring.ts';
import type { ServerConfig } from './config.ts';
import { checkKeyFile, createKeyFile, keyFileExists, readKeyFile } from './keys/root-key-file.ts';
import { openRootKeys } from './keys/root-key-source.ts';

export interface OpenedRootKeys {
  readonly rootKeys: RootKeys;
  /** Where the key is, for words to people. */
  readonly place: string;
  readonly created: boolean;
  readonly readableByOthers: boolean;
}

const isInside = (path: string, folder: string): boolean => `${path}${sep}`.startsWith(`${folder}${sep}`);

/** Throws `root_key_invalid` for a key file inside the data directory: whoever copied the one had the other. */
export const refuseInside = (path: string, { dataDir }: Pick<ServerConfig, 'dataDir'>): void => {
  if (!isInside(path, dataDir)) return;
  throw new CofferError('root_key_invalid', {
    detail: 'The root key file lies inside the data directory, so whoever copies the one has the other.',
    hint: `Keep it elsewhere, for example beside your configuration: ${dirname(dataDir)}/root.key`,
  });
};

/**
 * The root keys the configuration names. Only where `mayCreate` (a first start on an empty database) a
 * missing file is made, outside the data directory. Throws `root_key_invalid`.
 */
export const openConfiguredRootKeys = async (
  config: ServerConfig,
  mayCreate: boolean,
): Promise<OpenedRootKeys> => {
  const { rootKeyText: text, rootKeyFile: path } = config;
  if (text !== undefined) {
    const rootKeys = await openRootKeys(
      () => Promise.resolve(text.split(/[\s,]+/).filter((one) => one !== '')),
      'COFFER_ROOT_KEY',
    );
    return {
      rootKeys,
      place: 'the environment variable COFFER_ROOT_KEY',
      created: false,
      readableByOthers: false,
    };
  }
  refuseInside(path, config);
  const exists = await keyFileExists(path);
  if (!exists && !mayCreate) {
    throw new CofferError('root_key_invalid', {
      detail: `There is no root key file ${path}, and what is kept is encrypted under one.`,
      hint: 'Restore the key file, or point --root-key-file at it. Without it nothing can be opened.',
    });
  }
  if (!exists) await createKeyFile(path);
  const { readableByOthers } = await checkKeyFile(path);
  const rootKeys = await openRootKeys(() => readKeyFile(path), path);
  return { rootKeys, place: path, created: !exists, readableByOthers };
};
