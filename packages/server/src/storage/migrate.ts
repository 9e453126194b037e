import { CofferError } from '../domain/errors.ts';
import { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import type { Engine } from './engines/engine.ts';
import { storageUnavailable } from './engines/faults.ts';
import { StatementFault } from './engines/statement-fault.ts';
import { initial } from './migrations/0001-initial.ts';
import type { MigrationStep } from './migrations/migration-step.ts';

/** Every migration ever released, by name, in order; none is ever changed or taken away. */
const steps: Readonly<Record<string, MigrationStep>> = {
  '0001-initial': initial,
};

export const newestMigration = '0001-initial';

interface BookTables {
  migration: { name: string; timestamp: string };
  migration_lock: { id: string; is_locked: number };
}

type Book = Kysely<BookTables>;

const lockId = 'migration_lock';
const attempts = 20;

/** Two programs that start on a new database at once may both try to make these; one is told so and looks again. */
const prepareBook = async (book: Book): Promise<void> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await book.schema
        .createTable('migration')
        .ifNotExists()
        .addColumn('name', 'varchar(255)', (column) => column.notNull().primaryKey())
        .addColumn('timestamp', 'varchar(255)', (column) => column.notNull())
        .execute();
      await book.schema
        .createTable('migration_lock')
        .ifNotExists()
        .addColumn('id', 'varchar(255)', (column) => column.notNull().primaryKey())
        .addColumn('is_locked', 'integer', (column) => column.notNull().defaultTo(0))
        .execute();
      await book
        .insertInto('migration_lock')
        .values({ id: lockId, is_locked: 0 })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      return;
    } catch (error) {
      if (!(error instanceof StatementFault) || attempt === attempts) throw error;
    }
  }
};

const refuseUnknown = async (book: Book): Promise<void> => {
  const applied = await book.selectFrom('migration').select('name').execute();
  const unknown = applied.map(({ name }) => name).filter((name) => !Object.hasOwn(steps, name));
  if (unknown.length > 0)
    throw new CofferError('database_too_new', {
      detail: `The database was written by a newer Coffer (it has ${unknown.sort().join(', ')}); this one stops at ${newestMigration}.`,
      hint: 'Start the newer release, or restore a backup made by this one.',
    });
};

const migrationsOver = (engine: Engine): Record<string, Migration> =>
  Object.fromEntries(
    Object.entries(steps).map(([name, step]) => [
      name,
      { up: (db: Kysely<unknown>) => step(db, engine.types) },
    ]),
  );

const apply = async (engine: Engine, book: Book): Promise<void> => {
  await engine.writer.execute(`select id from migration_lock${engine.rowLock}`, []);
  await refuseUnknown(book);
  const migrator = new Migrator({
    db: book,
    provider: { getMigrations: () => Promise.resolve(migrationsOver(engine)) },
    migrationTableName: 'migration',
    migrationLockTableName: 'migration_lock',
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error instanceof Error ? error : storageUnavailable('io');
};

/**
 * Brings the tables to this program's form: all of it or nothing, one program at a time.
 * Throws `database_too_new` where the database holds a migration that this program does not know.
 */
export const migrate = async (engine: Engine): Promise<void> => {
  const book = new Kysely<BookTables>({ dialect: engine.createDialect(engine.writer) });
  await prepareBook(book);
  await engine.writer.begin('long');
  try {
    await apply(engine, book);
    await engine.writer.commit();
  } catch (error) {
    await engine.writer.rollback();
    throw error;
  }
};
