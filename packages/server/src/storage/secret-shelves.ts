import { sql, type RawBuilder } from 'kysely';
import type { Secret, ValueSlot, Version, VersionRange } from '../domain/secrets/port.ts';
import { createBulkInsertFor, createBulkWrite } from './bulk-insert.ts';
import type { SqlValue } from './engines/engine.ts';
import { writeSecret } from './secret-rows.ts';
import type { StoreContext } from './store-context.ts';
import { versionColumns } from './version-store.ts';
import type { Shelf } from './write-behind.ts';

type OfOrganization<Row> = Row & { readonly organizationId: string };

/** Rows that writes of secrets leave, and how they are stored many at a time. */
export interface SecretShelves {
  readonly secrets: Shelf<Secret>;
  readonly versions: Shelf<OfOrganization<Version>>;
  readonly slots: Shelf<OfOrganization<ValueSlot>>;
  /** Who wrote a secret last, and when. */
  readonly writers: Shelf<Pick<Secret, 'id' | 'updatedAt' | 'updatedBy'>>;
  readonly destroyed: Shelf<VersionRange & { readonly at: number }>;
  readonly seals: Shelf<{ readonly id: string; readonly count: number }>;
}

const secretColumns = [
  'id',
  'organizationId',
  'scope',
  'ownerId',
  'projectId',
  'agentId',
  'name',
  'kind',
  'exposure',
  'allowedHosts',
  'description',
  'credentialType',
  'expiresAt',
  'rotateEveryDays',
  'tags',
  'neverReveal',
  'createdAt',
  'createdBy',
  'updatedAt',
  'updatedBy',
  'deletedAt',
  'deletedWithAgent',
] as const;

const versionNames = versionColumns.map((column) => column.slice('version.'.length) as keyof Version);
const slotColumns = ['secretId', 'environment', 'organizationId', 'current', 'last', 'oldest'] as const;

const pick = <Name extends string>(
  row: { readonly [Column in Name]: SqlValue },
  names: readonly Name[],
): SqlValue[] => names.map((name) => row[name]);

/** The last row of each key, in the place of the first: one statement writes a row once. */
const lastOfEach = <Row>(rows: readonly Row[], keyOf: (row: Row) => string): readonly Row[] => [
  ...new Map(rows.map((row) => [keyOf(row), row])).values(),
];

export const createSecretShelves = ({ queries, engine }: StoreContext): SecretShelves => {
  /** `write` gets the rows as `(?, ?), (?, ?)`, each value of the type that `types` names for its place. */
  const bulk = (
    types: readonly ('text' | 'bigint')[],
    write: (rows: RawBuilder<unknown>) => RawBuilder<unknown>,
  ) =>
    createBulkWrite(engine, (size) => {
      const row = sql`(${sql.join(types.map((type) => sql`cast(${null} as ${sql.raw(type)})`))})`;
      return write(sql.join(Array.from({ length: size }, () => row))).compile(queries).sql;
    });
  const insertSecrets = createBulkInsertFor(engine, { queries, table: 'secret', columns: secretColumns });
  const insertVersions = createBulkInsertFor(engine, {
    queries,
    table: 'version',
    columns: [...versionNames, 'organizationId'],
  });
  const saveSlots = createBulkInsertFor(engine, {
    queries,
    table: 'valueSlot',
    columns: slotColumns,
    onConflict: (insert) =>
      insert.onConflict((conflict) =>
        conflict.columns(['secretId', 'environment']).doUpdateSet((eb) => ({
          current: eb.ref('excluded.current'),
          last: eb.ref('excluded.last'),
          oldest: eb.ref('excluded.oldest'),
        })),
      ),
  });
  const markWritten = bulk(
    ['text', 'bigint', 'text'],
    (rows) => sql`with written(id, written_at, written_by) as (values ${rows})
      update secret set updated_at = written.written_at, updated_by = written.written_by from written where secret.id = written.id`,
  );
  const destroy = bulk(
    ['text', 'text', 'bigint', 'bigint', 'bigint'],
    (rows) => sql`with gone(secret_id, environment, low, high, at) as (values ${rows})
      update version
      set sealed = null, generation = null, text = null, preview = null, fingerprint = null, destroyed_at = gone.at
      from gone
      where version.secret_id = gone.secret_id and version.environment = gone.environment
      and version.number between gone.low and gone.high and version.destroyed_at is null`,
  );
  const addSeals = bulk(
    ['text', 'bigint'],
    (rows) => sql`with used(id, seal_count) as (values ${rows})
      update wrapped_key set seals = seals + used.seal_count from used where wrapped_key.id = used.id`,
  );
  return {
    secrets: {
      order: 1,
      store: (session, rows) =>
        insertSecrets(
          session,
          rows.map((row) => pick(writeSecret(row), secretColumns)),
        ),
    },
    versions: {
      order: 2,
      store: (session, rows) =>
        insertVersions(
          session,
          rows.map((row) => [...pick(row, versionNames), row.organizationId]),
        ),
    },
    slots: {
      order: 3,
      store: (session, rows) =>
        saveSlots(
          session,
          lastOfEach(rows, ({ secretId, environment }) => `${secretId} ${environment}`).map((row) =>
            pick(row, slotColumns),
          ),
        ),
    },
    writers: {
      order: 4,
      store: (session, rows) =>
        markWritten(
          session,
          lastOfEach(rows, ({ id }) => id).map(({ id, updatedAt, updatedBy }) => [id, updatedAt, updatedBy]),
        ),
    },
    destroyed: {
      order: 5,
      store: (session, rows) =>
        destroy(
          session,
          rows.map(({ secretId, environment, first, last, at }) => [secretId, environment, first, last, at]),
        ),
    },
    seals: {
      order: 6,
      async store(session, rows) {
        const counts = new Map<string, number>();
        for (const { id, count } of rows) counts.set(id, (counts.get(id) ?? 0) + count);
        await addSeals(session, [...counts]);
      },
    },
  };
};
