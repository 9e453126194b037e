import type { OrganizationId } from '@coffer/contract';

export interface PolicyStore {
  /** The switches that were changed, by name; a switch that is absent has its default. */
  get(organizationId: OrganizationId): Promise<Readonly<Record<string, unknown>>>;
  save(organizationId: OrganizationId, switches: Readonly<Record<string, unknown>>): Promise<void>;
}
