import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CofferError } from '@coffer/contract/errors';

/** Writes a file that its owner alone can read, whole or not at all. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // Imported here, as a start that only reads should not wait for it.
  const { randomUUID } = await import('node:crypto');
  const draft = `${path}.${randomUUID()}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}

/** The JSON in the file, undefined where there is none; refused where others can read it. */
export async function findPrivateJson(path: string): Promise<unknown> {
  const file = await open(path, 'r').catch((failure: unknown) => {
    const { code = 'unknown error' } = failure as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw unreadable(path, code);
  });
  if (file === undefined) return undefined;
  try {
    const { mode } = await file.stat();
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new CofferError('not_authenticated', {
        detail: `${path} can be read or written by others.`,
        hint: `Run \`chmod 600 ${path}\`, or log in again if somebody may have read it.`,
      });
    }
    return parse(path, await file.readFile('utf8'));
  } finally {
    await file.close();
  }
}

export const removeFile = (path: string): Promise<void> => rm(path, { force: true });

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable(path, 'it is not JSON');
  }
}

const unreadable = (path: string, reason: string): CofferError =>
  new CofferError('not_authenticated', {
    detail: `${path} cannot be read: ${reason}.`,
    hint: 'Remove the file and log in again.',
  });
