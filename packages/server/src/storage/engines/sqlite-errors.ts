import { CofferError } from '../../domain/errors.ts';
import { StatementFault, storageUnavailable, type UnavailableCause } from './faults.ts';

/** Primary result codes, https://www.sqlite.org/rescode.html */
const unavailable: ReadonlyMap<number, UnavailableCause> = new Map([
  [3, 'io'], // PERM
  [5, 'busy'], // BUSY
  [6, 'busy'], // LOCKED
  [7, 'io'], // NOMEM
  [8, 'read_only'], // READONLY
  [10, 'io'], // IOERR
  [11, 'io'], // CORRUPT
  [13, 'full'], // FULL
  [14, 'io'], // CANTOPEN
  [15, 'busy'], // PROTOCOL
  [26, 'io'], // NOTADB
]);
/** Extended result codes of a broken unique index or primary key. */
const takenCodes: ReadonlySet<number> = new Set([1555, 2067, 2579]);

/** Of the file system, where the file itself cannot be opened. */
const fileCauses: ReadonlyMap<string, UnavailableCause> = new Map([
  ['EROFS', 'read_only'],
  ['EACCES', 'read_only'],
  ['ENOSPC', 'full'],
  ['EDQUOT', 'full'],
  ['ENOENT', 'io'],
  ['EIO', 'io'],
  ['ERR_INVALID_STATE', 'closed'],
]);

const resultCode = (error: object): number | undefined =>
  'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined;

export const isDriverError = (error: unknown): error is Error =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number';

/** Another connection holds the lock; it may be free the next moment. */
export const isBusy = (error: unknown): boolean =>
  isDriverError(error) && ((resultCode(error) ?? 0) & 0xff) === 5;

/** The one place where an error of node:sqlite is read. */
export const classify = (error: unknown): CofferError | StatementFault => {
  if (error instanceof CofferError || error instanceof StatementFault) return error;
  if (!(error instanceof Error)) return new StatementFault('refused', 'unknown');
  const code = resultCode(error);
  if (code === undefined) {
    const name = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
    const cause = fileCauses.get(name);
    return cause === undefined ? new StatementFault('refused', name) : storageUnavailable(cause);
  }
  if (takenCodes.has(code)) return new StatementFault('taken', `SQLite ${code}`);
  const cause = unavailable.get(code & 0xff);
  return cause === undefined ? new StatementFault('refused', `SQLite ${code}`) : storageUnavailable(cause);
};
