import type { AgentId, MemberId, OrganizationId, ProjectId } from '@coffer/contract';

export interface Agent {
  readonly id: AgentId;
  readonly organizationId: OrganizationId;
  readonly projectId: ProjectId;
  readonly projectSlug: string;
  readonly ownerId: MemberId;
  readonly ownerEmail: string;
  readonly slug: string;
  readonly createdAt: number;
  readonly deletedAt: number | null;
}

export interface AgentStore {
  /** False where the slug is taken by an agent that is not deleted. */
  insert(agent: Omit<Agent, 'projectSlug' | 'ownerEmail'>): Promise<boolean>;
  /** By id or slug, among those not deleted. */
  find(organizationId: OrganizationId, idOrSlug: string): Promise<Agent | undefined>;
  /** By id or slug, the one deleted last. */
  findDeleted(organizationId: OrganizationId, idOrSlug: string): Promise<Agent | undefined>;
  list(
    organizationId: OrganizationId,
    page: { projectId?: ProjectId | undefined; after?: string | undefined; limit: number },
  ): Promise<readonly Agent[]>;
  countOwned(memberId: MemberId): Promise<number>;
  update(id: AgentId, change: Partial<Pick<Agent, 'projectId' | 'ownerId'>>): Promise<void>;
  markDeleted(id: AgentId, at: number): Promise<void>;
  /** False where the slug is taken meanwhile. */
  restore(id: AgentId): Promise<boolean>;
  destroy(id: AgentId): Promise<void>;
  /** Deleted before this instant: due for destruction. */
  listDeletedBefore(before: number, limit: number): Promise<readonly Agent[]>;
}
