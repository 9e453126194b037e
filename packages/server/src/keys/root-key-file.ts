import { constants } from 'node:fs';
import { access, mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CofferError } from '../domain/errors.ts';
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

const writeKeyFile = async (path: string, text: string): Promise<void> => {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
};

/** Makes a new root key, readable for its owner alone; never overwrites. */
export const createKeyFile = async (path: string): Promise<void> => {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeKeyFile(path, generateRootKeyText());
};

/** Puts these keys into an existing key file, in one step: a reader sees the old or the new content. */
export const replaceKeyFile = async (path: string, keys: readonly string[]): Promise<void> => {
  const next = `${path}.${process.pid}.next`;
  await writeKeyFile(next, keys.map((key) => `${key.trim()}\n`).join(''));
  await rename(next, path);
};
