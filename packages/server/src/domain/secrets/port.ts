import type {
  AgentId,
  CredentialType,
  Exposure,
  Kind,
  OrganizationId,
  ProjectId,
  Scope,
  SecretId,
} from '@coffer/contract';

export interface Secret {
  readonly id: SecretId;
  readonly organizationId: OrganizationId;
  readonly scope: Scope;
  /** The organization, project or agent it belongs to; a name is unique within it. */
  readonly ownerId: string;
  readonly projectId: ProjectId | null;
  readonly agentId: AgentId | null;
  readonly name: string;
  readonly kind: Kind;
  readonly exposure: Exposure;
  readonly allowedHosts: readonly string[];
  readonly description: string;
  readonly credentialType: CredentialType | null;
  readonly expiresAt: number | null;
  readonly rotateEveryDays: number | null;
  readonly tags: readonly string[];
  readonly neverReveal: boolean;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly updatedAt: number;
  readonly updatedBy: string;
  readonly deletedAt: number | null;
  /** Set where it went with its agent and comes back with it. */
  readonly deletedWithAgent: boolean;
}

export type VersionChange = 'create' | 'rotate' | 'rollback' | 'copy' | 'import' | 'kind';

/** One write of a value in one value slot (an environment's slug or `*`). */
export interface Version {
  readonly secretId: SecretId;
  readonly environment: string;
  readonly number: number;
  readonly kind: Kind;
  readonly storage: 'local' | 'remote';
  readonly change: VersionChange;
  /** The sealed bytes of a local sealed value; null where the value is plain, remote or destroyed. */
  readonly sealed: Uint8Array | null;
  /** Generation of the data key that sealed it. */
  readonly generation: number | null;
  /** The text of a local plain value. */
  readonly text: string | null;
  readonly providerId: string | null;
  readonly remotePath: string | null;
  readonly remoteKey: string | null;
  readonly preview: string | null;
  /** Keyed per secret; tells that a value was used before, and nothing else. */
  readonly fingerprint: string | null;
  /** UTF-8 bytes of the value, for limits that must not open it. */
  readonly byteLength: number;
  /** The placeholder a brokered secret is delivered as; null otherwise. */
  readonly placeholder: string | null;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly destroyedAt: number | null;
}

/** A value slot of a secret: which version is current (null once removed), and the last number given out. */
export interface ValueSlot {
  readonly secretId: SecretId;
  readonly environment: string;
  readonly current: number | null;
  readonly last: number;
  /** Versions below this number have been destroyed. */
  readonly oldest: number;
}

/** Numbers of one value slot, both ends included. */
export interface VersionRange {
  readonly secretId: SecretId;
  readonly environment: string;
  readonly first: number;
  readonly last: number;
}

/** A sealed version, in the order in which versions are sealed again. */
export interface SealedPlace {
  readonly generation: number;
  readonly secretId: SecretId;
  readonly environment: string;
  readonly number: number;
}

/** What a start needs to know of a secret. */
export type Collectable = Pick<
  Secret,
  'id' | 'organizationId' | 'scope' | 'ownerId' | 'name' | 'kind' | 'exposure' | 'description' | 'neverReveal'
>;

/** And of a version of it. */
export type CollectableVersion = Pick<
  Version,
  | 'environment'
  | 'number'
  | 'kind'
  | 'storage'
  | 'sealed'
  | 'generation'
  | 'text'
  | 'byteLength'
  | 'placeholder'
  | 'preview'
  | 'createdAt'
>;

export interface SecretStore {
  /** False where the name is taken in this owner by a secret that is not deleted. */
  insert(secret: Secret): Promise<boolean>;
  find(organizationId: OrganizationId, id: string): Promise<Secret | undefined>;
  findByName(ownerId: string, name: string): Promise<Secret | undefined>;
  /** The one deleted last under this name. */
  findDeletedByName(ownerId: string, name: string): Promise<Secret | undefined>;
  /** Names of this owner that equal the given one but for case. */
  listCaseVariants(ownerId: string, name: string): Promise<readonly string[]>;
  /** By name, then id; `afterName` and `afterId` continue after that secret. */
  list(
    ownerId: string,
    page: { deleted: boolean; afterName?: string | undefined; afterId?: string | undefined; limit: number },
  ): Promise<readonly Secret[]>;
  listNames(ownerId: string): Promise<readonly string[]>;
  count(ownerId: string): Promise<number>;
  update(
    id: SecretId,
    change: Partial<Omit<Secret, 'id' | 'organizationId' | 'scope' | 'ownerId' | 'name'>>,
  ): Promise<void>;
  /** False where the name is taken meanwhile. */
  restore(id: SecretId): Promise<boolean>;
  /** Removes the secret with its slots and versions; sealed bytes are overwritten by the engine's purge. */
  destroy(id: SecretId): Promise<void>;
  listDeletedBefore(before: number, limit: number): Promise<readonly Secret[]>;
  listDeletedWithAgent(agentId: AgentId): Promise<readonly Secret[]>;
  insertVersion(version: Version): Promise<void>;
  saveSlot(slot: ValueSlot): Promise<void>;
  listSlots(secretIds: readonly SecretId[]): Promise<readonly ValueSlot[]>;
  findVersion(secretId: SecretId, environment: string, number: number): Promise<Version | undefined>;
  /** The current version of every slot of these secrets. */
  listCurrent(secretIds: readonly SecretId[]): Promise<readonly Version[]>;
  /** Newest first per slot; all slots unless one is named. */
  listVersions(secretId: SecretId, environment?: string): Promise<readonly Version[]>;
  /** Slots and numbers of this secret that hold the value of this fingerprint; a version that was destroyed holds none. */
  listWithFingerprint(
    secretId: SecretId,
    fingerprint: string,
  ): Promise<readonly Pick<Version, 'environment' | 'number'>[]>;
  /** How many values of this secret were written at this instant or later; of each slot, the newest `most` are looked at. */
  countWrittenSince(secretId: SecretId, since: number, most: number): Promise<number>;
  destroyVersion(secretId: SecretId, environment: string, number: number, at: number): Promise<void>;
  /** Destroys what is there of these versions, the first and the last included. */
  destroyVersions(versions: VersionRange, at: number): Promise<void>;
  /** Replaces the stored form of one version: re-sealing under another data key, or a change of kind. */
  replaceStored(version: Version): Promise<void>;
  /**
   * Versions sealed under a generation older than this one, oldest generation first. `inOrder` has them by secret,
   * environment and number as well, which costs a look at all of them; `after` continues after that version. Without a
   * secret where the organization has none of this id.
   */
  listSealedBefore(
    organizationId: OrganizationId,
    generation: number,
    page: { inOrder: boolean; after?: SealedPlace | undefined; limit: number },
  ): Promise<readonly { readonly version: Version & SealedPlace; readonly secret: Secret | undefined }[]>;
  countSealedBefore(organizationId: OrganizationId, generation: number): Promise<number>;
  /** When the newest start that was given each of these secrets was recorded, in milliseconds. */
  lastUsed(secretIds: readonly SecretId[]): Promise<ReadonlyMap<string, number>>;
  /**
   * Everything a start collects: the secrets of the agent and its project that are not deleted, each with the
   * current versions of these slots, or once without where it has none there.
   */
  listForAgent(
    owners: { agentId: AgentId; projectId: ProjectId },
    slots: readonly [string, string],
  ): Promise<readonly (readonly [Collectable, CollectableVersion | undefined])[]>;
  /** Display names (emails, key names) of actors, by actor id. */
  nameActors(actorIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
}
