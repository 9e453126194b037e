import { CofferError } from '@coffer/contract/errors';
import type { Client } from '@coffer/sdk';
import { collect } from '../collect.ts';

/** The answer; undefined for a caller who may not have it. */
export async function unlessForbidden<Answer>(ask: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await ask();
  } catch (failure) {
    if (failure instanceof CofferError && failure.code === 'forbidden') return undefined;
    throw failure;
  }
}

/** Names of the agent's own secrets; undefined for a caller who may not list them. */
export const findSecretNames = (client: Client, agent: string): Promise<string[] | undefined> =>
  unlessForbidden(async () => (await collect(client.secrets.listAll({ agent }))).map(({ name }) => name));
