import { CofferError } from '../../domain/errors.ts';
import { DatabaseError } from 'pg';
import { storageUnavailable, type UnavailableCause } from './faults.ts';
import { StatementFault } from './statement-fault.ts';

/** SQLSTATE codes, https://www.postgresql.org/docs/current/errcodes-appendix.html */
const conflictCodes: ReadonlySet<string> = new Set(['40001', '40P01', '55P03']);
const uniqueViolation = '23505';
const causes: ReadonlyMap<string, UnavailableCause> = new Map([
  ['53100', 'full'],
  ['25006', 'read_only'],
  ['53300', 'busy'],
]);
/** Connection exceptions, resources, operator intervention, system errors, refused logins. */
const unavailableClasses: ReadonlySet<string> = new Set(['08', '28', '3D', '53', '57', '58', 'XX']);

export const isDriverError = (error: unknown): error is DatabaseError => error instanceof DatabaseError;

/** Whether no more of this connection can be heard after the error. */
export const endsConnection = (error: unknown): boolean =>
  error instanceof DatabaseError
    ? error.severity === 'FATAL' || error.severity === 'PANIC'
    : !(error instanceof CofferError);

/** The one place where an error of pg is read. Its text may quote values, so it goes no further. */
export const classify = (error: unknown): CofferError | StatementFault => {
  if (error instanceof CofferError || error instanceof StatementFault) return error;
  if (!(error instanceof DatabaseError)) return storageUnavailable('connection');
  const code = error.code ?? 'unknown';
  if (code === uniqueViolation) return new StatementFault('taken', code);
  if (conflictCodes.has(code)) return new StatementFault('conflict', code);
  const cause = causes.get(code);
  if (cause !== undefined) return storageUnavailable(cause);
  if (unavailableClasses.has(code.slice(0, 2))) return storageUnavailable('connection');
  return new StatementFault('refused', code);
};
