import type { InsertQueryBuilder, InsertResult } from 'kysely';
import type { Tables } from './tables.ts';

/** Inserts one row; false where a unique index refuses it. Nothing has to be rolled back then. */
export const insertUnlessTaken = async <Table extends keyof Tables>(
  insert: InsertQueryBuilder<Tables, Table, InsertResult>,
): Promise<boolean> => {
  const { numInsertedOrUpdatedRows } = await insert
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
};
