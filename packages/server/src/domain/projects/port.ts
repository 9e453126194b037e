import type { MemberId, OrganizationId, ProjectId } from '@coffer/contract';

export interface Project {
  readonly id: ProjectId;
  readonly organizationId: OrganizationId;
  readonly slug: string;
  readonly name: string;
  /** Members who alone manage its secrets beside owners and admins; null: the organization's preset. */
  readonly managers: readonly MemberId[] | null;
  readonly createdAt: number;
}

export interface ProjectStore {
  /** False where the slug is taken. */
  insert(project: Project): Promise<boolean>;
  find(organizationId: OrganizationId, idOrSlug: string): Promise<Project | undefined>;
  list(
    organizationId: OrganizationId,
    page: { after?: string | undefined; limit: number },
  ): Promise<readonly Project[]>;
  countAgents(projectIds: readonly ProjectId[]): Promise<ReadonlyMap<string, number>>;
  /** Agents and secrets, deleted but restorable ones included. */
  countContents(projectId: ProjectId): Promise<{ agents: number; secrets: number }>;
  update(id: ProjectId, change: Partial<Pick<Project, 'name' | 'managers'>>): Promise<void>;
  delete(id: ProjectId): Promise<void>;
}
