import { getOrganization, listOrganizations } from '../../domain/organizations/list.ts';
import type { Call } from '../handlers.ts';

export const organizationHandlers = {
  listOrganizations: async ({ caller }: Call) => listOrganizations(caller),
  getOrganization: async ({ caller }: Call) => getOrganization(caller),
};
