import { constants } from 'node:fs';
import { access, chmod, link, readFile, realpath, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CofferError } from '../domain/errors.ts';
import { giveToOwnerOf, makeFolder, writeBeside } from '../files/durable.ts';
import { generateRootKeyText } from '@coffer/crypto';

const groupOrOthersWrite = 0o022;
const groupOrOthersRead = 0o044;

export interface KeyFileCheck {
  /** Others can read the file: worth a warning, as Kubernetes mounts secrets so. */
  readonly readableByOthers: boolean;
}

/** Refuses a key file that others can write. Throws `root_key_invalid`. */
export const checkKeyFile = async (path: string): Promise<KeyFileCheck> => {
  const { mode } = await stat(path);
  if ((mode & groupOrOthersWrite) !== 0) {
    throw new CofferError('root_key_invalid', {
      detail: `The root key file ${path} can be written by others.`,
      hint: `Take that right away: chmod 600 ${path}`,
    });
  }
  return { readableByOthers: (mode & groupOrOthersRead) !== 0 };
};

export const keyFileExists = async (path: string): Promise<boolean> => {
  try {
    await access(path, constants.F_OK);
    return true;
  } catch {
    return false;
  }
};

/** The keys in a file, one a line: the current one first. */
export const readKeyFile = async (path: string): Promise<readonly string[]> => {
  try {
    const text = await readFile(path, 'utf8');
    return text.split('\n').filter((line) => line.trim() !== '');
  } catch (error) {
    throw new CofferError(
      'root_key_invalid',
      {
        detail: `The root key file ${path} cannot be read.`,
        hint: 'Without the root key nothing in the database can be opened. Restore the file, or point --root-key-file at it.',
      },
      { cause: error },
    );
  }
};

/**
 * Makes a new root key, readable for its owner alone, unless the file exists: whoever made it was faster. Throws
 * `root_key_invalid` where it cannot be made.
 */
export const createKeyFile = async (path: string): Promise<void> => {
  const place = async (written: string): Promise<void> => {
    try {
      await link(written, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  };
  try {
    await makeFolder(dirname(path));
    await writeBeside(path, generateRootKeyText(), place);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new CofferError(
      'root_key_invalid',
      {
        detail: `The root key file ${path} cannot be made (${code}).`,
        hint: 'Name a file in a folder that the server’s user may make or write to.',
      },
      { cause: error },
    );
  }
};

/**
 * Puts these keys into an existing key file, in one step: a reader sees the old or the new content. The
 * file keeps its owner and mode, so that a server under another user can still read it.
 */
export const replaceKeyFile = async (path: string, keys: readonly string[]): Promise<void> => {
  const real = await realpath(path);
  const { mode } = await stat(real);
  await writeBeside(real, keys.map((key) => `${key.trim()}\n`).join(''), async (written) => {
    await giveToOwnerOf(written, real);
    await chmod(written, mode & 0o777);
    await rename(written, real);
  });
};
