import type { Kysely } from 'kysely';
import type { Engine, Session, SqlValue } from './engines/engine.ts';
import type { Tables } from './tables.ts';

export type BulkInsert = (rows: readonly (readonly SqlValue[])[]) => Promise<void>;

interface Target<Table extends keyof Tables> {
  readonly session: Session;
  readonly queries: Kysely<Tables>;
  readonly table: Table;
  readonly columns: readonly (keyof Tables[Table] & string)[];
}

/**
 * Inserts rows of one table, many per statement; the SQL of each statement size is compiled once.
 * A row is its values in the order of `columns`.
 */
export const createBulkInsert = <Table extends keyof Tables>(
  { insertChunks }: Pick<Engine, 'insertChunks'>,
  { session, queries, table, columns }: Target<Table>,
): BulkInsert => {
  // Only the shape matters here: every column of every row becomes one parameter, in order.
  const shape = Object.fromEntries(columns.map((column) => [column, null]));
  const statements = insertChunks.map((size) => ({
    size,
    sql: queries
      .insertInto(table)
      .values(Array.from({ length: size }, () => shape) as never)
      .compile().sql,
  }));
  return async (rows) => {
    let from = 0;
    for (const { size, sql } of statements) {
      while (rows.length - from >= size) {
        const parameters: SqlValue[] = [];
        for (let index = from; index < from + size; index += 1) {
          const row = rows[index];
          if (row !== undefined) for (const value of row) parameters.push(value);
        }
        await session.execute(sql, parameters);
        from += size;
      }
    }
  };
};
