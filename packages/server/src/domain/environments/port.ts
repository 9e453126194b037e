import type { EnvironmentId, OrganizationId } from '@coffer/contract';

/** The slug is the value slot; it never changes, as sealed values are bound to it. */
export interface Environment {
  readonly id: EnvironmentId;
  readonly organizationId: OrganizationId;
  readonly slug: string;
  readonly label: string;
  readonly position: number;
  readonly createdAt: number;
}

export interface EnvironmentStore {
  /** False where the slug is taken. */
  insert(environment: Environment): Promise<boolean>;
  find(organizationId: OrganizationId, idOrSlug: string): Promise<Environment | undefined>;
  /** In their order: position, then slug. */
  list(organizationId: OrganizationId): Promise<readonly Environment[]>;
  update(id: EnvironmentId, change: Partial<Pick<Environment, 'label' | 'position'>>): Promise<void>;
  delete(id: EnvironmentId): Promise<void>;
  /** Secrets (id and name, at most `limit`) that have a value of their own in this environment. */
  listUses(
    organizationId: OrganizationId,
    slug: string,
    limit: number,
  ): Promise<readonly { secretId: string; name: string }[]>;
}
