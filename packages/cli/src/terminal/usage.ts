import { CofferError } from '@coffer/contract/errors';

/** Wrong usage. `detail` never repeats what was typed: it may be a value. */
export const usageError = (detail: string, hint?: string): CofferError =>
  new CofferError('usage_error', { detail, ...(hint === undefined ? {} : { hint }) });
