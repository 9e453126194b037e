import { CofferError } from '@coffer/contract/errors';
import type { Client } from '@coffer/sdk';
import { collect } from '../collect.ts';

/** Names of the agent's own secrets; undefined for a caller who may not list them. */
export async function findSecretNames(client: Client, agent: string): Promise<string[] | undefined> {
  try {
    return (await collect(client.secrets.listAll({ agent }))).map(({ name }) => name);
  } catch (failure) {
    if (failure instanceof CofferError && failure.code === 'forbidden') return undefined;
    throw failure;
  }
}
