import type { AgentId, KeyId, MemberId, OrganizationId, ProjectId, Right } from '@coffer/contract';

export interface ApiKey {
  readonly id: KeyId;
  readonly organizationId: OrganizationId;
  readonly makerId: MemberId;
  /** The key that the maker made it with, if one. */
  readonly madeByKeyId: KeyId | null;
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
  /** Revokes the key, and those that it made, and theirs; gives the ids of all that were not revoked yet. */
  revoke(id: KeyId, at: number): Promise<readonly KeyId[]>;
  revokeOfMaker(makerId: MemberId, at: number): Promise<void>;
  touch(uses: ReadonlyMap<KeyId, number>): Promise<void>;
}
