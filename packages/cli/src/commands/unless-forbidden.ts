import { CofferError } from '@coffer/contract/errors';

/** The answer; undefined for a caller who may not have it. */
export async function unlessForbidden<Answer>(ask: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await ask();
  } catch (failure) {
    if (failure instanceof CofferError && failure.code === 'forbidden') return undefined;
    throw failure;
  }
}
