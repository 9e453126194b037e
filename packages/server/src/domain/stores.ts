import type { AgentStore } from './agents/port.ts';
import type { AuditStore } from './audit/port.ts';
import type { EnvironmentStore } from './environments/port.ts';
import type { IdempotencyStore } from './idempotency/port.ts';
import type { WrappedKeyStore } from './keyring/port.ts';
import type { KeyStore } from './keys/port.ts';
import type { LeaseStore } from './leases/port.ts';
import type { MemberStore } from './members/port.ts';
import type { OrganizationStore } from './organizations/port.ts';
import type { PolicyStore } from './policy/port.ts';
import type { ProjectStore } from './projects/port.ts';
import type { SecretStore } from './secrets/port.ts';
import type { SessionStore } from './sessions/port.ts';
import type { WorkloadStore } from './workloads/port.ts';

/** Everything stored, as the domain asks for it. Only the guard hands these out. */
export interface Stores {
  readonly organizations: OrganizationStore;
  readonly members: MemberStore;
  readonly sessions: SessionStore;
  readonly projects: ProjectStore;
  readonly environments: EnvironmentStore;
  readonly agents: AgentStore;
  readonly keys: KeyStore;
  readonly policy: PolicyStore;
  readonly wrappedKeys: WrappedKeyStore;
  readonly secrets: SecretStore;
  readonly workloads: WorkloadStore;
  readonly audit: AuditStore;
  readonly idempotency: IdempotencyStore;
  readonly leases: LeaseStore;
}

/**
 * What one batch of the commit queue carries besides the stores: rows kept back until it is flushed. One
 * that is opened after another begins where that one ends, and fails as a conflict if that one is not stored.
 */
export interface BatchScope {
  /** Locks these chains of the audit trail, in an order that is the same everywhere. */
  lock(chains: Iterable<string>): Promise<void>;
  /** Where the buffered rows stand now, to go back to when a job fails. */
  mark(): number;
  rollbackTo(mark: number): void;
  /** Writes what is buffered; runs last, inside the transaction. */
  flush(): Promise<void>;
  /** The transaction is durable. */
  committed(): void;
}

export interface CommitOptions<Scope extends BatchScope> {
  /**
   * Chains that the job opens, so far as that is known before: they are locked together before any job of
   * the batch runs, so that two replicas never each wait for a chain that the other holds.
   */
  readonly chains?: readonly string[];
  /**
   * The job hardly ever reads what it or another job of its batch has written, and writes nothing but values
   * of secrets and buffered rows of the scope, whose `flush` fails as a conflict where what it rests on has
   * changed meanwhile. Where it does otherwise after all, its batch runs again by the ordinary way.
   */
  readonly onlyAppends?: boolean;
  /**
   * Reads what the job will read, before any job of the batch runs: what several jobs ask for is asked
   * together. Decides nothing and writes nothing; it need not run at all.
   */
  readonly readAhead?: (stores: Stores, scope: Scope) => Promise<void>;
  /**
   * Called with the error of a failed job once its changes and buffered rows are undone, still inside
   * the transaction: a refusal leaves its trace here. It may only buffer rows in the scope.
   */
  readonly afterFailure?: (error: unknown, scope: Scope) => void;
}

/**
 * The database as the guard uses it. `commit` puts a job into the next batch: one transaction, one
 * savepoint per job that writes, one flush to disk; the promise settles only after that flush. Jobs may
 * run again after a serialization failure and must not change memory outside the batch scope.
 * Throws `storage_unavailable` where the engine fails; then nothing of the batch was done.
 */
export interface Database<Scope extends BatchScope = BatchScope> {
  read<Result>(query: (stores: Stores) => Promise<Result>): Promise<Result>;
  commit<Result>(
    job: (stores: Stores, scope: Scope) => Promise<Result>,
    options?: CommitOptions<Scope>,
  ): Promise<Result>;
  /** Overwrites what deletes left behind in the file and its log (SQLite), or asks for the vacuum (PostgreSQL). */
  purgeRemains(): Promise<void>;
  /** Whether the engine answers at all; for readiness. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
