import type { AgentId, MemberId, OrganizationId, ProjectId } from '@coffer/contract';

/** An agent as it is stored: all that decides about it. */
export interface AgentRow {
  readonly id: AgentId;
  readonly organizationId: OrganizationId;
  readonly projectId: ProjectId;
  readonly ownerId: MemberId;
  readonly slug: string;
  readonly createdAt: number;
  readonly deletedAt: number | null;
}

/** With the names that people know its project and owner by. */
export interface Agent extends AgentRow {
  readonly projectSlug: string;
  readonly ownerEmail: string;
}

export interface AgentStore {
  /** False where the slug is taken by an agent that is not deleted. */
  insert(agent: AgentRow): Promise<boolean>;
  /** By id or slug, among those not deleted. */
  find(organizationId: OrganizationId, idOrSlug: string): Promise<Agent | undefined>;
  /** The same without names, of which a start has no use. */
  findRow(organizationId: OrganizationId, idOrSlug: string): Promise<AgentRow | undefined>;
  /** By id or slug, the one deleted last. */
  findDeleted(organizationId: OrganizationId, idOrSlug: string): Promise<Agent | undefined>;
  list(
    organizationId: OrganizationId,
    page: { projectId?: ProjectId | undefined; after?: string | undefined; limit: number },
  ): Promise<readonly Agent[]>;
  countOwned(memberId: MemberId): Promise<number>;
  /** Slugs of those not deleted, at most `limit`. */
  listOwned(memberId: MemberId, limit: number): Promise<readonly string[]>;
  update(id: AgentId, change: Partial<Pick<Agent, 'projectId' | 'ownerId'>>): Promise<void>;
  markDeleted(id: AgentId, at: number): Promise<void>;
  /** False where the slug is taken meanwhile. */
  restore(id: AgentId): Promise<boolean>;
  destroy(id: AgentId): Promise<void>;
  /** Deleted before this instant: due for destruction. */
  listDeletedBefore(before: number, limit: number): Promise<readonly Agent[]>;
}
