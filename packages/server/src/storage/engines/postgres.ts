import { Socket } from 'node:net';
import pg from 'pg';
import { PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from 'kysely';
import type { Engine, Session } from './engine.ts';
import { expectOneChanged, StatementFault } from './statement-fault.ts';
import { classify } from './postgres-errors.ts';
import { watchGrowth } from './postgres-growth.ts';
import { readSnapshot } from './postgres-snapshot.ts';
import { runUpkeep } from './postgres-upkeep.ts';
import { createWriter, runQuery } from './postgres-writer.ts';
import { dialectOver, type Grammar } from './session-dialect.ts';

const defaultPoolSize = 10;
const defaultTimeoutMs = 30_000;
const connectTimeoutMs = 5_000;
/** From then on the system asks whether the other side of a connection is still there. */
const keepAliveAfterMs = 10_000;

export interface PostgresOptions {
  /** How many connections read. */
  readonly poolSize?: number | undefined;
  readonly timeoutMs?: number | undefined;
}

/** Migrations run in the write session's own transaction, under a row lock that every engine has. */
class SessionAdapter extends PostgresAdapter {
  override get supportsTransactionalDdl(): boolean {
    return false;
  }
  override acquireMigrationLock(): Promise<void> {
    return Promise.resolve();
  }
}

const grammar: Grammar = {
  createAdapter: () => new SessionAdapter(),
  createIntrospector: (db) => new PostgresIntrospector(db),
  createQueryCompiler: () => new PostgresQueryCompiler(),
};

const { builtins } = pg.types;
const parsers: ReadonlyMap<number, (text: string) => unknown> = new Map<number, (text: string) => unknown>([
  // Instants and counters stay below 2^53.
  [builtins.INT8, Number],
  // `\x` and two hex digits per byte.
  [builtins.BYTEA, (text) => new Uint8Array(Buffer.from(text.slice(2), 'hex'))],
]);

const types: pg.CustomTypesConfig = {
  getTypeParser: (oid) => parsers.get(oid) ?? (pg.types.getTypeParser(oid) as (text: string) => unknown),
};

const createReader = (pool: pg.Pool, limitMs: number): Session => {
  const execute: Session['execute'] = async (text, parameters) => {
    try {
      return await runQuery(pool, { text, parameters, limitMs });
    } catch (error) {
      throw classify(error);
    }
  };
  return {
    execute,
    async executeEach(text, lists) {
      for (const parameters of lists) await execute(text, parameters);
    },
    async changeOne(text, parameters) {
      const { changed } = await execute(text, parameters);
      expectOneChanged(changed);
    },
  };
};

/** An engine that speaks the protocol but has no such statement gives room back by itself. */
const unlessRefused = async (running: Promise<void>): Promise<void> => {
  try {
    await running;
  } catch (error) {
    if (!(error instanceof StatementFault)) throw error;
  }
};

/** Sockets that end in time, also where the other side does not say that it has heard of it. */
const createSockets = (patienceMs: number) => {
  const open = new Set<Socket>();
  return {
    open: (): Socket => {
      const socket = new Socket();
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      return socket;
    },
    async endWith(ending: Promise<unknown>): Promise<void> {
      // Sockets that are open keep the process alive, and nothing waits for this once they are closed.
      setTimeout(() => {
        for (const socket of open) socket.destroy();
      }, patienceMs).unref();
      await ending;
    },
  };
};

/**
 * PostgreSQL, or what speaks its protocol: one connection writes, a pool of others reads. A lost
 * connection is replaced with the next transaction or read; one that leaves a question open for `timeoutMs`
 * is lost; copies, migrations and upkeep take the time they take, as long as the server is heard of at all.
 */
export const openPostgres = (
  url: string,
  { poolSize = defaultPoolSize, timeoutMs = defaultTimeoutMs }: PostgresOptions = {},
): Engine => {
  const shortTimeoutMs = Math.min(timeoutMs, connectTimeoutMs);
  const sockets = createSockets(shortTimeoutMs);
  const settings = {
    connectionString: url,
    types,
    connectionTimeoutMillis: shortTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveAfterMs,
    application_name: 'coffer',
    stream: sockets.open,
  } satisfies pg.ClientConfig;
  const runLong = (text: string) => runUpkeep({ ...settings, timeoutMs }, text);
  const pool = new pg.Pool({ ...settings, max: poolSize });
  // An idle connection that breaks is replaced when next needed; its error has no other consequence.
  pool.on('error', () => undefined);
  const reader = createReader(pool, timeoutMs);
  const writer = createWriter({ ...settings, timeoutMs }, watchGrowth(runLong));
  return {
    types: {
      text: sql`text collate "C"`,
      integer: 'bigint',
      bytes: 'bytea',
      tableEnd: sql``,
      clusteredTableEnd: sql``,
    },
    rowLock: ' for update',
    failureEndsTransaction: true,
    insertChunks: [256, 128, 64, 32, 16, 8, 4, 2],
    reader,
    writer,
    appender: undefined,
    createDialect: (session) => dialectOver(session, grammar),
    ping: async () => {
      await createReader(pool, shortTimeoutMs).execute('select 1', []);
    },
    purgeRemains: async (tables) => {
      for (const table of tables) await unlessRefused(runLong(`vacuum "${table}"`));
    },
    readSnapshot: (read) => readSnapshot({ ...settings, timeoutMs }, read),
    copyTo: undefined,
    close: () => sockets.endWith(Promise.all([writer.end(), pool.end()])),
  };
};
