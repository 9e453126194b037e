import { getPolicy, setPolicy } from '../../domain/policy/manage.ts';
import type { Call } from '../handlers.ts';

export const policyHandlers = {
  getPolicy: async ({ caller }: Call) => getPolicy(caller),
  setPolicy: async ({ caller, params, body }: Call<{ value?: unknown }>) =>
    setPolicy(caller, params['switch'] ?? '', body.value),
};
