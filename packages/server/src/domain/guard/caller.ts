import type {
  AgentId,
  KeyId,
  MemberId,
  OrganizationId,
  PersonId,
  ProjectId,
  Right,
  Role,
  SessionId,
  WorkloadId,
} from '@coffer/contract';
import type { Stores } from '../stores.ts';
import type { Guard } from './guard.ts';

/** Where a request came from; goes into every audit event. */
export interface Origin {
  readonly address: string | null;
  readonly requestId: string | null;
}

/** A membership as it stood when the caller was loaded. */
export interface Standing {
  readonly id: MemberId;
  readonly role: Role;
  readonly email: string;
}

interface Base {
  /** The one way to the stores. */
  readonly guard: Guard;
  readonly origin: Origin;
  /** Null where a person of several organizations named none. */
  readonly organizationId: OrganizationId | null;
  readonly organizationSlug: string | null;
  /** The organization's counter of access when this caller was loaded; the guard loads it anew when it moved. */
  readonly accessChanges: number;
  readonly tokenHash: string;
  readonly expiresAt: number;
  /** Under which name the authenticator remembers it. */
  readonly rememberedAs: string;
  /** Keeps what a write gives, in its own transaction; for requests that may be repeated. */
  readonly keepAnswer?: (stores: Stores, result: unknown) => Promise<void>;
}

export interface PersonCaller extends Base {
  readonly type: 'person';
  readonly personId: PersonId;
  readonly sessionId: SessionId;
  readonly email: string;
  readonly member: Standing | null;
}

/** An API key acts with at most the rights its maker has now, narrowed further by what it names. */
export interface KeyCaller extends Base {
  readonly type: 'key';
  readonly organizationId: OrganizationId;
  readonly keyId: KeyId;
  readonly name: string;
  readonly member: Standing;
  readonly agentId: AgentId | null;
  readonly projectId: ProjectId | null;
  readonly environments: readonly string[] | null;
  readonly rights: readonly Right[];
}

/** A runner, by the token of the one workload it started; good for that workload's link only. */
export interface WorkloadCaller extends Base {
  readonly type: 'workload';
  readonly organizationId: OrganizationId;
  readonly workloadId: WorkloadId;
  readonly agentId: AgentId;
}

/** Whoever works on the server's own host with its data directory and root key. */
export interface OperatorCaller extends Base {
  readonly type: 'operator';
}

export type Caller = PersonCaller | KeyCaller | WorkloadCaller | OperatorCaller;

export interface Actor {
  readonly type: string;
  readonly id: string;
  readonly name: string;
}

/** How the audit trail names a caller. */
export const actorOf = (caller: Caller): Actor => {
  switch (caller.type) {
    case 'person':
      return { type: 'person', id: caller.member?.id ?? caller.personId, name: caller.email };
    case 'key':
      return { type: 'key', id: caller.keyId, name: caller.name };
    case 'workload':
      return { type: 'workload', id: caller.workloadId, name: caller.workloadId };
    case 'operator':
      return { type: 'operator', id: 'operator', name: 'operator' };
  }
};
