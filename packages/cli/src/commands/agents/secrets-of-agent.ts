import type { Client } from '@coffer/sdk';
import { collect } from '../collect.ts';
import { unlessForbidden } from '../unless-forbidden.ts';

/** Names of the agent's own secrets; undefined for a caller who may not list them. */
export const findSecretNames = (client: Client, agent: string): Promise<string[] | undefined> =>
  unlessForbidden(async () => (await collect(client.secrets.listAll({ agent }))).map(({ name }) => name));
