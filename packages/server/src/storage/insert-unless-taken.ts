import type { InsertQueryBuilder } from 'kysely';
import type { Tables } from './tables.ts';

/** Inserts one row; false where a unique index refuses it. Nothing has to be rolled back then. */
export const insertUnlessTaken = async <Table extends keyof Tables, Output>(
  insert: InsertQueryBuilder<Tables, Table, Output>,
): Promise<boolean> => {
  const [result] = await insert.onConflict((conflict) => conflict.doNothing()).execute();
  return (
    typeof result === 'object' &&
    result !== null &&
    'numInsertedOrUpdatedRows' in result &&
    result.numInsertedOrUpdatedRows === 1n
  );
};
