import type { Kysely } from 'kysely';
import type { ColumnTypes } from '../engines/engine.ts';

/** A migration writes tables under their names in the database and knows no table type. */
export type MigrationStep = (db: Kysely<unknown>, types: ColumnTypes) => Promise<void>;
