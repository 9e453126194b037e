import {
  AgentId,
  EnvironmentId,
  KeyId,
  MemberId,
  OrganizationId,
  PersonId,
  ProjectId,
  SecretId,
  SessionId,
  WorkloadId,
} from '@coffer/contract';
import type { AgentRow } from '../../domain/agents/port.ts';
import type { AuditEvent } from '../../domain/audit/port.ts';
import type { ApiKey } from '../../domain/keys/port.ts';
import type { Secret, Version } from '../../domain/secrets/port.ts';
import type { Stores } from '../../domain/stores.ts';
import type { Workload } from '../../domain/workloads/port.ts';

/** Ids that sort in the order of their numbers. */
const written = (prefix: string, number: number): string =>
  `${prefix}_01J${String(number).padStart(23, '0')}`;

export const organizationId = (number = 1) => OrganizationId.parse(written('org', number));
export const personId = (number = 1) => PersonId.parse(written('per', number));
export const memberId = (number = 1) => MemberId.parse(written('mem', number));
export const sessionId = (number = 1) => SessionId.parse(written('ses', number));
export const projectId = (number = 1) => ProjectId.parse(written('prj', number));
export const environmentId = (number = 1) => EnvironmentId.parse(written('env', number));
export const agentId = (number = 1) => AgentId.parse(written('agt', number));
export const keyId = (number = 1) => KeyId.parse(written('key', number));
export const secretId = (number = 1) => SecretId.parse(written('sec', number));
export const workloadId = (number = 1) => WorkloadId.parse(written('wrk', number));

let nextEvent = 0;

export const auditEvent = (fields: Partial<AuditEvent> = {}): AuditEvent => ({
  id: `evt_${process.pid}_${(nextEvent += 1)}`,
  chain: organizationId(),
  sequence: 1,
  at: 1_700_000_000_000,
  action: 'test.act',
  outcome: 'done',
  code: null,
  actorType: 'person',
  actorId: memberId(),
  actorName: 'ada@example.com',
  secretId: null,
  secretName: null,
  agentId: null,
  agentSlug: null,
  projectId: null,
  environment: null,
  version: null,
  workloadId: null,
  resolutionId: null,
  resolutionDigest: null,
  address: null,
  requestId: null,
  details: '{}',
  mac: new Uint8Array([fields.sequence ?? 1]),
  ...fields,
});

export const agent = (fields: Partial<AgentRow> = {}): AgentRow => ({
  id: agentId(),
  organizationId: organizationId(),
  projectId: projectId(),
  ownerId: memberId(),
  slug: 'bot',
  createdAt: 10,
  deletedAt: null,
  ...fields,
});

export const secret = (fields: Partial<Secret> = {}): Secret => ({
  id: secretId(),
  organizationId: organizationId(),
  scope: 'agent',
  ownerId: agentId(),
  projectId: projectId(),
  agentId: agentId(),
  name: 'API_KEY',
  kind: 'sealed',
  exposure: 'env',
  allowedHosts: ['api.example.com'],
  description: '',
  credentialType: 'api_key',
  expiresAt: null,
  rotateEveryDays: 90,
  tags: ['a', 'b'],
  neverReveal: true,
  createdAt: 10,
  createdBy: memberId(),
  updatedAt: 10,
  updatedBy: memberId(),
  deletedAt: null,
  deletedWithAgent: false,
  ...fields,
});

export const version = (fields: Partial<Version> = {}): Version => ({
  secretId: secretId(),
  environment: '*',
  number: 1,
  kind: 'sealed',
  storage: 'local',
  change: 'create',
  sealed: new Uint8Array([0, 1, 128, 255]),
  generation: 1,
  text: null,
  providerId: null,
  remotePath: null,
  remoteKey: null,
  preview: '****cafe',
  fingerprint: 'f1',
  byteLength: 4,
  placeholder: null,
  createdAt: 10,
  createdBy: memberId(),
  destroyedAt: null,
  ...fields,
});

export const apiKey = (fields: Partial<ApiKey> = {}): ApiKey => ({
  id: keyId(),
  organizationId: organizationId(),
  makerId: memberId(),
  madeByKeyId: null,
  name: 'ci',
  tokenHash: `hash of ${fields.id ?? keyId()}`,
  agentId: null,
  projectId: null,
  environments: ['staging'],
  rights: ['run', 'read'],
  createdAt: 10,
  expiresAt: 1_000,
  lastUsedAt: null,
  revokedAt: null,
  ...fields,
});

export const workload = (fields: Partial<Workload> = {}): Workload => ({
  id: workloadId(),
  organizationId: organizationId(),
  agentId: agentId(),
  agentSlug: 'bot',
  environment: 'staging',
  state: 'running',
  invocation: true,
  output: 'masked',
  tokenHash: `hash of ${fields.id ?? workloadId()}`,
  resolutionId: 'res_1',
  startedAt: 100,
  startedBy: keyId(),
  startedByName: 'ci',
  heartbeatAt: null,
  endedAt: null,
  exitStatus: null,
  stopRequestedAt: null,
  restartRequested: false,
  reason: null,
  ...fields,
});

/** An organization with an owner, a project, the three environments and an agent. */
export const insertHouse = async (stores: Stores): Promise<void> => {
  await stores.organizations.insert({ id: organizationId(), slug: 'acme', name: 'Acme', createdAt: 1 });
  await stores.members.insertPerson({ id: personId(), email: 'ada@example.com', name: 'Ada', createdAt: 1 });
  await stores.members.insert({
    id: memberId(),
    organizationId: organizationId(),
    personId: personId(),
    role: 'owner',
    createdAt: 1,
    removedAt: null,
  });
  await stores.projects.insert({
    id: projectId(),
    organizationId: organizationId(),
    slug: 'default',
    name: 'Default',
    managers: null,
    createdAt: 1,
  });
  for (const [position, slug] of ['development', 'staging', 'production'].entries())
    await stores.environments.insert({
      id: environmentId(position),
      organizationId: organizationId(),
      slug,
      label: slug,
      position,
      createdAt: 1,
    });
  await stores.agents.insert(agent());
};
