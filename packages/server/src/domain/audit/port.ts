import type { AuditQuery } from '@coffer/contract';

/** The chain of refusals and acts that belong to no organization. */
export const instanceChain = 'instance';

/**
 * The end of one organization's chain, and its counters: `changes` of whatever decides access or
 * resolution, `accessChanges` of what decides access alone (keys, sessions, members, policy, agents,
 * projects, environments). One row, so that locking the chain also fixes what the counters say.
 */
export interface Head {
  readonly chain: string;
  readonly sequence: number;
  readonly mac: Uint8Array;
  readonly changes: number;
  readonly accessChanges: number;
}

export type AuditOutcome = 'done' | 'refused' | 'failed';

/** One audit event as stored. `mac` covers every other field and the mac of the event before. */
export interface AuditEvent {
  readonly id: string;
  readonly chain: string;
  readonly sequence: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly action: string;
  readonly outcome: AuditOutcome;
  readonly code: string | null;
  readonly actorType: string;
  readonly actorId: string;
  readonly actorName: string;
  readonly secretId: string | null;
  readonly secretName: string | null;
  readonly agentId: string | null;
  readonly agentSlug: string | null;
  readonly projectId: string | null;
  readonly environment: string | null;
  readonly version: number | null;
  readonly workloadId: string | null;
  /** The resolution whose secrets this event names; its digest is part of what the mac covers. */
  readonly resolutionId: string | null;
  readonly resolutionDigest: string | null;
  readonly address: string | null;
  readonly requestId: string | null;
  /** A JSON object of further facts; never a value. */
  readonly details: string;
  readonly mac: Uint8Array;
}

/** One secret of a resolution: which value slot and version was given under which name. */
export interface ResolvedSecret {
  readonly name: string;
  readonly secretId: string;
  readonly environment: string;
  readonly version: number;
  readonly source: string;
}

/**
 * What one or many starts were given. Starts that get the same versions share one resolution, so an
 * event is one row however many secrets it names, and the index by secret is written once per change.
 */
export interface Resolution {
  readonly id: string;
  readonly organizationId: string;
  /** SHA-256 over the canonical list, hex; what an event's mac covers. */
  readonly digest: string;
  readonly secrets: readonly ResolvedSecret[];
}

export interface AuditFilter extends Omit<AuditQuery, 'since' | 'until' | 'agent' | 'cursor' | 'limit'> {
  readonly chain: string;
  readonly agentId?: string | undefined;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly afterSequence?: number | undefined;
  readonly limit: number;
}

export interface AuditStore {
  /** Creates the chain's first head (sequence 0, counters 0). */
  createHead(head: Head): Promise<void>;
  /** The heads of these chains, locked until the transaction ends where the engine has row locks. */
  lockHeads(chains: readonly string[]): Promise<readonly Head[]>;
  findHead(chain: string): Promise<Head | undefined>;
  listHeads(): Promise<readonly Head[]>;
  /** Replaces `before`; loses as a conflict where the head has moved since it was read. */
  saveHead(head: Head, before: Head): Promise<void>;
  append(events: readonly AuditEvent[]): Promise<void>;
  /** `secret` matches the event's own secret and those its resolution names, by id or name. */
  list(filter: AuditFilter): Promise<readonly AuditEvent[]>;
  /** Events in chain order, for verification. */
  listChain(chain: string, afterSequence: number, limit: number): Promise<readonly AuditEvent[]>;
  insertResolutions(resolutions: readonly Resolution[]): Promise<void>;
  findResolutionId(organizationId: string, digest: string): Promise<string | undefined>;
  listResolutions(ids: readonly string[]): Promise<readonly Resolution[]>;
}

/** Keeps the heads of the chains outside the database. */
export interface HeadKeeper {
  /** Where they are kept, for words to people. */
  readonly path: string;
  find(chain: string): Promise<{ readonly sequence: number; readonly mac: string } | undefined>;
  /** Keeps the further of the two heads of each chain; returns the chains whose database is behind. */
  save(heads: readonly Head[], now: number): Promise<readonly string[]>;
}
