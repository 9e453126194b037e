import pg from 'pg';
import { PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql } from 'kysely';
import type { Engine, Session } from './engine.ts';
import { expectOneChanged, StatementFault } from './statement-fault.ts';
import { classify } from './postgres-errors.ts';
import { watchGrowth } from './postgres-growth.ts';
import { readSnapshot } from './postgres-snapshot.ts';
import { createWriter, runQuery } from './postgres-writer.ts';
import { dialectOver, type Grammar } from './session-dialect.ts';

const defaultPoolSize = 10;
const connectTimeoutMs = 5_000;

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

const createReader = (pool: pg.Pool): Session => {
  const execute: Session['execute'] = async (text, parameters) => {
    try {
      return await runQuery(pool, { text, parameters });
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
const vacuum = async (reader: Session, table: string): Promise<void> => {
  try {
    await reader.execute(`vacuum "${table}"`, []);
  } catch (error) {
    if (!(error instanceof StatementFault)) throw error;
  }
};

/**
 * PostgreSQL, or what speaks its protocol: one connection writes, a pool of others reads. A lost
 * connection is replaced with the next transaction or read.
 */
export const openPostgres = (url: string, poolSize = defaultPoolSize): Engine => {
  const settings: pg.ClientConfig = {
    connectionString: url,
    types,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    application_name: 'coffer',
  };
  const pool = new pg.Pool({ ...settings, max: poolSize });
  // An idle connection that breaks is replaced when next needed; its error has no other consequence.
  pool.on('error', () => undefined);
  const reader = createReader(pool);
  const writer = createWriter(settings, watchGrowth(reader));
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
      await reader.execute('select 1', []);
    },
    purgeRemains: async (tables) => {
      for (const table of tables) await vacuum(reader, table);
    },
    readSnapshot: (read) => readSnapshot(new pg.Client(settings), read),
    copyTo: undefined,
    close: async () => {
      await writer.end();
      await pool.end();
    },
  };
};
