import type { CompiledQuery, DatabaseConnection, Dialect, Driver, QueryResult } from 'kysely';
import type { Session, SqlValue } from './engine.ts';

/** How Kysely writes SQL for an engine; how it is run is the session's matter. */
export type Grammar = Omit<Dialect, 'createDriver'>;

const isSqlValue = (value: unknown): value is SqlValue =>
  value === null || typeof value === 'string' || typeof value === 'number' || value instanceof Uint8Array;

const toSqlValue = (value: unknown): SqlValue => {
  // Only Kysely's own look at the catalogue compares with yes and no.
  if (typeof value === 'boolean') return String(value);
  if (!isSqlValue(value)) throw new TypeError(`A query was given a ${typeof value}.`);
  return value;
};

const connectionOver = (session: Session): DatabaseConnection => ({
  async executeQuery<Result>(query: CompiledQuery): Promise<QueryResult<Result>> {
    const parameters = query.parameters.map(toSqlValue);
    const { rows, changed } = await session.execute(query.sql, parameters);
    // The rows are what the query's own types say; Kysely leaves that trust to the driver.
    return { rows: rows as readonly unknown[] as Result[], numAffectedRows: BigInt(changed) };
  },
  streamQuery() {
    throw new TypeError('Queries are not streamed; pages are read by key.');
  },
});

/** A Kysely dialect whose every query runs in one session; its transactions are those of the session's owner. */
export const dialectOver = (session: Session, grammar: Grammar): Dialect => {
  const connection = connectionOver(session);
  const refuse = () => Promise.reject(new TypeError('Transactions belong to the commit queue.'));
  const done = () => Promise.resolve();
  const driver: Driver = {
    init: done,
    acquireConnection: () => Promise.resolve(connection),
    beginTransaction: refuse,
    commitTransaction: refuse,
    rollbackTransaction: refuse,
    releaseConnection: done,
    destroy: done,
  };
  return { ...grammar, createDriver: () => driver };
};
