import type { AgentId, KeyId, MemberId, OrganizationId, ProjectId, Right } from '@coffer/contract';

export interface ApiKey {
  readonly id: KeyId;
  readonly organizationId: OrganizationId;
  readonly makerId: MemberId;
  readonly name: string;
  readonly tokenHash: string;
  readonly agentId: AgentId | null;
  readonly projectId: ProjectId | null;
  /** Slugs; null means every environment. */
  readonly environments: readonly string[] | null;
  readonly rights: readonly Right[];
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly lastUsedAt: number | null;
  readonly revokedAt: number | null;
}

export interface KeyStore {
  insert(key: ApiKey): Promise<void>;
  findByTokenHash(tokenHash: string): Promise<ApiKey | undefined>;
  find(organizationId: OrganizationId, id: string): Promise<ApiKey | undefined>;
  /** All keys, or those of one maker; newest first. */
  list(
    organizationId: OrganizationId,
    page: { makerId?: MemberId | undefined; before?: string | undefined; limit: number },
  ): Promise<readonly ApiKey[]>;
  revoke(id: KeyId, at: number): Promise<void>;
  revokeOfMaker(makerId: MemberId, at: number): Promise<void>;
  touch(uses: ReadonlyMap<KeyId, number>): Promise<void>;
}
