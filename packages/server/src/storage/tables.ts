import type {
  AgentId,
  EnvironmentId,
  KeyId,
  MemberId,
  OrganizationId,
  PersonId,
  ProjectId,
  SecretId,
  WorkloadId,
} from '../domain/ids.ts';
import type { CredentialType, Exposure, Kind, Output, Role, Scope, WorkloadState } from '../domain/words.ts';
import type { AuditEvent, Head } from '../domain/audit/port.ts';
import type { IdempotencyRecord } from '../domain/idempotency/port.ts';
import type { WrappedKey } from '../domain/keyring/port.ts';
import type { Challenge, Session } from '../domain/sessions/port.ts';
import type { VersionChange } from '../domain/secrets/port.ts';

/*
 * The tables as rows hold them: instants and counters are integers, yes and no are 1 and 0, lists and
 * records are JSON text. Columns are snake_case in the database and camelCase here.
 */

/** 1 or 0. */
export type Flag = number;
export type Json = string;

export interface OrganizationTable {
  id: OrganizationId;
  slug: string;
  name: string;
  createdAt: number;
}

export interface PersonTable {
  id: PersonId;
  email: string;
  name: string;
  createdAt: number;
}

export interface MemberTable {
  id: MemberId;
  organizationId: OrganizationId;
  personId: PersonId;
  role: Role;
  createdAt: number;
  removedAt: number | null;
}

export interface ProjectTable {
  id: ProjectId;
  organizationId: OrganizationId;
  slug: string;
  name: string;
  managers: Json | null;
  createdAt: number;
}

export interface EnvironmentTable {
  id: EnvironmentId;
  organizationId: OrganizationId;
  slug: string;
  label: string;
  position: number;
  createdAt: number;
}

export interface AgentTable {
  id: AgentId;
  organizationId: OrganizationId;
  projectId: ProjectId;
  ownerId: MemberId;
  slug: string;
  createdAt: number;
  deletedAt: number | null;
}

export interface ApiKeyTable {
  id: KeyId;
  organizationId: OrganizationId;
  makerId: MemberId;
  madeByKeyId: KeyId | null;
  name: string;
  tokenHash: string;
  agentId: AgentId | null;
  projectId: ProjectId | null;
  environments: Json | null;
  rights: Json;
  createdAt: number;
  expiresAt: number;
  lastUsedAt: number | null;
  revokedAt: number | null;
}

export interface PolicyTable {
  organizationId: OrganizationId;
  switches: Json;
}

export interface SecretTable {
  id: SecretId;
  organizationId: OrganizationId;
  scope: Scope;
  ownerId: string;
  projectId: ProjectId | null;
  agentId: AgentId | null;
  name: string;
  kind: Kind;
  exposure: Exposure;
  allowedHosts: Json;
  description: string;
  credentialType: CredentialType | null;
  expiresAt: number | null;
  rotateEveryDays: number | null;
  tags: Json;
  neverReveal: Flag;
  createdAt: number;
  createdBy: string;
  updatedAt: number;
  updatedBy: string;
  deletedAt: number | null;
  deletedWithAgent: Flag;
}

/** `organizationId` repeats the secret's, so that indexes can start with it. */
export interface VersionTable {
  secretId: SecretId;
  environment: string;
  number: number;
  organizationId: OrganizationId;
  kind: Kind;
  storage: 'local' | 'remote';
  change: VersionChange;
  sealed: Uint8Array | null;
  generation: number | null;
  text: string | null;
  providerId: string | null;
  remotePath: string | null;
  remoteKey: string | null;
  preview: string | null;
  fingerprint: string | null;
  byteLength: number;
  placeholder: string | null;
  createdAt: number;
  createdBy: string;
  destroyedAt: number | null;
}

export interface ValueSlotTable {
  secretId: SecretId;
  environment: string;
  organizationId: OrganizationId;
  current: number | null;
  last: number;
  oldest: number;
}

export interface WorkloadTable {
  id: WorkloadId;
  organizationId: OrganizationId;
  agentId: AgentId;
  agentSlug: string;
  environment: string;
  state: WorkloadState;
  invocation: Flag;
  output: Output;
  tokenHash: string;
  resolutionId: string;
  startedAt: number;
  startedBy: string;
  startedByName: string;
  heartbeatAt: number | null;
  endedAt: number | null;
  exitStatus: number | null;
  stopRequestedAt: number | null;
  restartRequested: Flag;
  reason: string | null;
}

export interface ResolutionTable {
  id: string;
  organizationId: string;
  digest: string;
}

/** `position` is the place in the list that the resolution's digest covers. */
export interface ResolutionSecretTable {
  resolutionId: string;
  position: number;
  name: string;
  secretId: string;
  environment: string;
  version: number;
  source: string;
}

export interface LeaseTable {
  name: string;
  holder: string;
  until: number;
}

type Writable<Row> = { -readonly [Column in keyof Row]: Row[Column] };

export interface Tables {
  organization: OrganizationTable;
  person: PersonTable;
  member: MemberTable;
  session: Writable<Session>;
  challenge: Writable<Challenge>;
  project: ProjectTable;
  environment: EnvironmentTable;
  agent: AgentTable;
  apiKey: ApiKeyTable;
  policy: PolicyTable;
  wrappedKey: Writable<WrappedKey>;
  secret: SecretTable;
  version: VersionTable;
  valueSlot: ValueSlotTable;
  workload: WorkloadTable;
  auditHead: Writable<Head>;
  auditEvent: Writable<AuditEvent>;
  resolution: ResolutionTable;
  resolutionSecret: ResolutionSecretTable;
  idempotency: Writable<IdempotencyRecord>;
  lease: LeaseTable;
}
