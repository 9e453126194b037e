import {
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { CofferError } from '@coffer/contract/errors';

/** Writes a file that its owner alone can read, whole or not at all. */
export function writePrivateFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // Loaded here, as a start that only reads should not wait for it.
  const { randomUUID } = process.getBuiltinModule('node:crypto');
  const draft = `${path}.${randomUUID()}`;
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
}

/** The JSON in the file, undefined where there is none; refused where others can read it. */
export function findPrivateJson(path: string): unknown {
  const file = findFile(path);
  if (file === undefined) return undefined;
  try {
    const { mode } = fstatSync(file);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new CofferError('not_authenticated', {
        detail: `${path} can be read or written by others.`,
        hint: `Run \`chmod 600 ${path}\`, or log in again if somebody may have read it.`,
      });
    }
    return parse(path, readFileSync(file, 'utf8'));
  } finally {
    closeSync(file);
  }
}

export const removeFile = (path: string): void => rmSync(path, { force: true });

/** The descriptor of the open file. */
function findFile(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (failure) {
    const { code = 'unknown error' } = failure as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw unreadable(path, code);
  }
}

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
