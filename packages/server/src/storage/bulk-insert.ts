import type { Kysely } from 'kysely';
import type { Engine, Session, SqlValue } from './engines/engine.ts';

export type BulkInsert = (rows: readonly (readonly SqlValue[])[]) => Promise<void>;

interface Target<Database, Table extends keyof Database & string> {
  readonly session: Session;
  readonly queries: Kysely<Database>;
  readonly table: Table;
  readonly columns: readonly (keyof Database[Table] & string)[];
}

/**
 * Inserts rows of one table, many per statement; the SQL of each statement size is compiled once.
 * A row is its values in the order of `columns`.
 */
export const createBulkInsert = <Database, Table extends keyof Database & string>(
  { insertChunks }: Pick<Engine, 'insertChunks'>,
  { session, queries, table, columns }: Target<Database, Table>,
): BulkInsert => {
  // Only the shape matters here: every column of every row becomes one parameter, in order.
  const shape = Object.fromEntries(columns.map((column) => [column, null]));
  const compile = (size: number): string =>
    queries
      .insertInto(table)
      .values(Array.from({ length: size }, () => shape) as never)
      .compile().sql;
  const one = compile(1);
  const several = insertChunks.map((size) => ({ size, sql: compile(size) }));
  return async (rows) => {
    let from = 0;
    for (const { size, sql } of several) {
      while (rows.length - from >= size) {
        await session.execute(sql, rows.slice(from, from + size).flat());
        from += size;
      }
    }
    if (from < rows.length) await session.executeEach(one, from === 0 ? rows : rows.slice(from));
  };
};
