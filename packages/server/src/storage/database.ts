import { CamelCasePlugin, Kysely } from 'kysely';
import type { BatchScope, Database, Stores } from '../domain/stores.ts';
import { createAgentStore } from './agent-store.ts';
import { createAuditStore } from './audit-store.ts';
import type { Lane } from './batch.ts';
import { createCommitQueue, type OpenScope } from './commit-queue.ts';
import type { Engine, Session } from './engines/engine.ts';
import { openPostgres, type PostgresOptions } from './engines/postgres.ts';
import { withoutSavepoints, withSavepoints, type JobSession } from './engines/savepoint.ts';
import { openSqlite } from './engines/sqlite.ts';
import { createEnvironmentStore } from './environment-store.ts';
import { createIdempotencyStore } from './idempotency-store.ts';
import { createKeyStore } from './key-store.ts';
import { createLeaseStore } from './lease-store.ts';
import { createMemberStore } from './member-store.ts';
import { migrate } from './migrate.ts';
import { createOrganizationStore } from './organization-store.ts';
import { createPolicyStore } from './policy-store.ts';
import { createProjectStore } from './project-store.ts';
import { keepSecretsBehind } from './secret-batch.ts';
import { createSecretStore } from './secret-store.ts';
import { createSessionStore } from './session-store.ts';
import { exportSnapshot, importSnapshot } from './snapshot-file.ts';
import type { StoreContext } from './store-context.ts';
import type { Tables } from './tables.ts';
import { createWorkloadStore } from './workload-store.ts';
import { createWrappedKeyStore } from './wrapped-key-store.ts';
import { WriteBehind } from './write-behind.ts';

/** Where a database is, and how PostgreSQL is used: see `openPostgres`. */
export type DatabaseLocation =
  | { readonly sqlite: { readonly path: string } }
  | ({ readonly postgres: { readonly url: string } } & PostgresOptions);

/** A database, and how it is copied while it runs. */
export interface StoredDatabase<Scope extends BatchScope> extends Database<Scope> {
  /** A copy in the engine's own format, where it has one file; the file must not exist. */
  readonly copyTo: Engine['copyTo'];
  /** Writes a snapshot that every engine can read into a new file; returns its number of rows. */
  exportTo(path: string, onProgress?: (rows: number) => void): Promise<number>;
  /** Fills this database, which must be empty, from such a file. Throws `file_invalid`. */
  importFrom(path: string): Promise<number>;
}

const contextOf = (engine: Engine, session: Session): StoreContext => ({
  engine,
  session,
  queries: new Kysely<Tables>({
    dialect: engine.createDialect(session),
    plugins: [new CamelCasePlugin()],
  }),
});

const createStores = (engine: Engine, session: Session): Stores => {
  const context = contextOf(engine, session);
  return {
    organizations: createOrganizationStore(context),
    members: createMemberStore(context),
    sessions: createSessionStore(context),
    projects: createProjectStore(context),
    environments: createEnvironmentStore(context),
    agents: createAgentStore(context),
    keys: createKeyStore(context),
    policy: createPolicyStore(context),
    wrappedKeys: createWrappedKeyStore(context),
    secrets: createSecretStore(context),
    workloads: createWorkloadStore(context),
    audit: createAuditStore(context),
    idempotency: createIdempotencyStore(context),
    leases: createLeaseStore(context),
  };
};

export const openEngine = (location: DatabaseLocation): Engine =>
  'sqlite' in location ? openSqlite(location.sqlite.path) : openPostgres(location.postgres.url, location);

/** The tables that hold values, which must not outlive their deletion. */
const tablesWithValues = ['version', 'value_slot', 'secret', 'idempotency'];

/** As `openDatabase`, over an engine that is open already; the database closes it. */
export const openDatabaseOver = async <Scope extends BatchScope>(
  engine: Engine,
  openScope: OpenScope<Scope>,
): Promise<StoredDatabase<Scope>> => {
  try {
    await migrate(engine);
  } catch (error) {
    await engine.close();
    throw error;
  }
  const readStores = createStores(engine, engine.reader);
  const openLane = (jobs: JobSession, appending: boolean): Lane => {
    const session = new WriteBehind(jobs, { appending });
    const stores = createStores(engine, session.session);
    return { session, stores: keepSecretsBehind(stores, session, contextOf(engine, jobs)) };
  };
  const lanes = {
    writing: openLane(withSavepoints(engine.writer, engine.failureEndsTransaction), false),
    appending: engine.appender && openLane(withoutSavepoints(engine.appender), true),
  };
  const queue = createCommitQueue(lanes, openScope);
  const shut = async (): Promise<void> => {
    await queue.drain();
    await engine.close();
  };
  let closed: Promise<void> | undefined;
  return {
    read: (query) => query(readStores),
    commit: (job, options) => queue.commit(job, options),
    purgeRemains: () => queue.runAlone(() => engine.purgeRemains(tablesWithValues)),
    ping: () => engine.ping(),
    copyTo: engine.copyTo,
    exportTo: (path, onProgress) => exportSnapshot(engine, path, onProgress),
    importFrom: (path) => queue.runAlone(() => importSnapshot(engine, path)),
    close: () => (closed ??= shut()),
  };
};

/**
 * Opens a database and brings its tables to this program's form: `openDatabase(location)(openScope)`.
 * Throws `database_too_new` and `storage_unavailable`.
 */
export const openDatabase =
  (location: DatabaseLocation) =>
  async <Scope extends BatchScope>(openScope: OpenScope<Scope>): Promise<StoredDatabase<Scope>> =>
    openDatabaseOver(openEngine(location), openScope);
