import { CofferError } from '../../domain/errors.ts';

const hints: Readonly<Record<string, string>> = {
  full: 'Free space on the disk that holds the database; the server goes on by itself.',
  read_only: 'Make the data directory writable for the server; it goes on by itself.',
  busy: 'Another process holds the database; try again when it is done.',
  unsure: 'Look whether it was done before you repeat it, or repeat it under the same Idempotency-Key.',
  connection: 'Check that the database runs and can be reached; the server reconnects by itself.',
};

export type UnavailableCause = 'full' | 'read_only' | 'busy' | 'io' | 'connection' | 'unsure' | 'closed';

const details: Readonly<Record<UnavailableCause, string>> = {
  full: 'The database is full; nothing was done.',
  read_only: 'The database cannot be written; nothing was done.',
  busy: 'The database is held by another process; nothing was done.',
  io: 'The database cannot be read or written; nothing was done.',
  connection: 'The database cannot be reached; nothing was done.',
  unsure: 'The database was lost while this was being stored; it may have been done.',
  closed: 'The database is closed; nothing was done.',
};

/** `origin` is for the log: what failed around the engine, never a driver's own error. */
export const storageUnavailable = (cause: UnavailableCause, origin?: unknown): CofferError =>
  new CofferError(
    'storage_unavailable',
    { detail: details[cause], hint: hints[cause] ?? 'Look at the disk and the log of the database.' },
    origin === undefined ? {} : { cause: origin },
  );
