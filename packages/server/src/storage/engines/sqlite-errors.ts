import { CofferError } from '../../domain/errors.ts';
import { storageUnavailable } from './faults.ts';
import { readFault, type SqliteFault } from './sqlite-faults.ts';
import { StatementFault } from './statement-fault.ts';

export const toError = (fault: SqliteFault): CofferError | StatementFault =>
  'cause' in fault ? storageUnavailable(fault.cause) : new StatementFault(fault.reason, fault.driverCode);

export const classify = (error: unknown): CofferError | StatementFault =>
  error instanceof CofferError || error instanceof StatementFault ? error : toError(readFault(error));
