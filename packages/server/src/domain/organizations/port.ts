import type { OrganizationId } from '@coffer/contract';

export interface Organization {
  readonly id: OrganizationId;
  readonly slug: string;
  readonly name: string;
  readonly createdAt: number;
}

export interface OrganizationStore {
  insert(organization: Organization): Promise<void>;
  find(idOrSlug: string): Promise<Organization | undefined>;
  list(): Promise<readonly Organization[]>;
  count(): Promise<number>;
}
