import type { KeyCreate } from '@coffer/contract';
import { createKey, listKeys, revokeKey } from '../../domain/keys/manage.ts';
import type { Call } from '../handlers.ts';

export const keyHandlers = {
  listKeys: async ({ caller, query }: Call) => listKeys(caller, query),
  createKey: async ({ caller, body }: Call<KeyCreate>) => createKey(caller, body),
  revokeKey: async ({ caller, params }: Call) => revokeKey(caller, params['key'] ?? ''),
};
