import type { InsertQueryBuilder, InsertResult, Kysely } from 'kysely';
import type { Engine, Session, SqlValue } from './engines/engine.ts';

export type BulkRows = readonly (readonly SqlValue[])[];
export type BulkWrite = (session: Session, rows: BulkRows) => Promise<void>;
export type BulkInsert = (rows: BulkRows) => Promise<void>;

/**
 * Writes rows, many per statement; `compile` makes the SQL for so many rows, whose values are its
 * parameters in order. Statements are sent in order without waiting in between.
 */
export const createBulkWrite = (
  { insertChunks }: Pick<Engine, 'insertChunks'>,
  compile: (size: number) => string,
): BulkWrite => {
  const texts = new Map<number, string>();
  const textOf = (size: number): string => {
    const known = texts.get(size) ?? compile(size);
    texts.set(size, known);
    return known;
  };
  return async (session, rows) => {
    const running: Promise<unknown>[] = [];
    let from = 0;
    for (const size of insertChunks)
      for (; rows.length - from >= size; from += size)
        running.push(session.execute(textOf(size), rows.slice(from, from + size).flat()));
    if (from < rows.length)
      running.push(session.executeEach(textOf(1), from === 0 ? rows : rows.slice(from)));
    await Promise.all(running);
  };
};

interface Target<Database, Table extends keyof Database & string> {
  readonly queries: Kysely<Database>;
  readonly table: Table;
  readonly columns: readonly (keyof Database[Table] & string)[];
  /** What is done with a row that is there already; nothing of the kind is expected unless it is given. */
  readonly onConflict?: (
    insert: InsertQueryBuilder<Database, Table, InsertResult>,
  ) => InsertQueryBuilder<Database, Table, InsertResult>;
}

/** Inserts rows of one table. A row is its values in the order of `columns`. */
export const createBulkInsertFor = <Database, Table extends keyof Database & string>(
  engine: Pick<Engine, 'insertChunks'>,
  { queries, table, columns, onConflict = (insert) => insert }: Target<Database, Table>,
): BulkWrite => {
  // Only the shape matters here: every column of every row becomes one parameter, in order.
  const shape = Object.fromEntries(columns.map((column) => [column, null]));
  return createBulkWrite(engine, (size) => {
    const rows = Array.from({ length: size }, () => shape);
    return onConflict(queries.insertInto(table).values(rows as never)).compile().sql;
  });
};

/** The same in one session. */
export const createBulkInsert = <Database, Table extends keyof Database & string>(
  engine: Pick<Engine, 'insertChunks'>,
  { session, ...target }: Target<Database, Table> & { readonly session: Session },
): BulkInsert => {
  const write = createBulkInsertFor(engine, target);
  return (rows) => write(session, rows);
};
