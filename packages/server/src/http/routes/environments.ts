import type { EnvironmentCreate, EnvironmentUpdate } from '@coffer/contract';
import {
  createEnvironment,
  deleteEnvironment,
  listEnvironments,
  updateEnvironment,
} from '../../domain/environments/manage.ts';
import type { Call } from '../handlers.ts';

export const environmentHandlers = {
  listEnvironments: async ({ caller }: Call) => listEnvironments(caller),
  createEnvironment: async ({ caller, body }: Call<EnvironmentCreate>) => createEnvironment(caller, body),
  updateEnvironment: async ({ caller, params, body }: Call<EnvironmentUpdate>) =>
    updateEnvironment(caller, params['environment'] ?? '', body),
  deleteEnvironment: async ({ caller, params }: Call) =>
    deleteEnvironment(caller, params['environment'] ?? ''),
};
