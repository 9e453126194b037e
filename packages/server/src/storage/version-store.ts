import type { Insertable, Kysely } from 'kysely';
import type { SecretStore } from '../domain/secrets/port.ts';
import { readSecret } from './secret-rows.ts';
import { prepare, prepareForList, prepareOne } from './prepared-query.ts';
import type { StoreContext } from './store-context.ts';
import type { Tables, VersionTable } from './tables.ts';

/** The part of the secret store that keeps values: their slots and versions. */
export type VersionStore = Pick<
  SecretStore,
  | 'insertVersion'
  | 'saveSlot'
  | 'listSlots'
  | 'findVersion'
  | 'listCurrent'
  | 'listVersions'
  | 'listWithFingerprint'
  | 'countWrittenSince'
  | 'destroyVersion'
  | 'destroyVersions'
  | 'replaceStored'
  | 'listSealedBefore'
  | 'countSealedBefore'
>;

export const versionColumns = [
  'version.secretId',
  'version.environment',
  'version.number',
  'version.kind',
  'version.storage',
  'version.change',
  'version.sealed',
  'version.generation',
  'version.text',
  'version.providerId',
  'version.remotePath',
  'version.remoteKey',
  'version.preview',
  'version.fingerprint',
  'version.byteLength',
  'version.placeholder',
  'version.createdAt',
  'version.createdBy',
  'version.destroyedAt',
] as const;

/** What is left of a version whose bytes are gone. */
const destroyed = {
  sealed: null,
  generation: null,
  text: null,
  preview: null,
  fingerprint: null,
} as const;

const organizationOf = (queries: Kysely<Tables>, secretId: string) =>
  queries
    .selectFrom('secret')
    .select('organizationId')
    .where('id', '=', secretId as never)
    .$asScalar();

export const createVersionStore = ({ queries, session }: StoreContext): VersionStore => {
  const sealedBefore = (organizationId: string, generation: number) =>
    queries
      .selectFrom('version')
      .where('version.organizationId', '=', organizationId as never)
      .where('version.generation', '<', generation);
  const insertVersion = prepare(session, (value) => {
    const names = versionColumns.map((column) => column.slice('version.'.length));
    const row: Record<string, never> = Object.fromEntries(names.map((name) => [name, value(name)]));
    const organizationId = organizationOf(queries, value('secretId'));
    return queries.insertInto('version').values({ ...(row as Insertable<VersionTable>), organizationId });
  });
  const saveSlot = prepare(session, (value) =>
    queries
      .insertInto('valueSlot')
      .values({
        secretId: value('secretId'),
        environment: value('environment'),
        organizationId: organizationOf(queries, value('secretId')),
        current: value('current'),
        last: value('last'),
        oldest: value('oldest'),
      })
      .onConflict((conflict) =>
        conflict
          .columns(['secretId', 'environment'])
          .doUpdateSet({ current: value('current'), last: value('last'), oldest: value('oldest') }),
      ),
  );
  const slotsOf = prepareForList(session, (secretIds) =>
    queries
      .selectFrom('valueSlot')
      .select(['secretId', 'environment', 'current', 'last', 'oldest'])
      .where('secretId', 'in', secretIds)
      .orderBy('secretId')
      .orderBy('environment'),
  );
  const currentOf = prepareForList(session, (secretIds) =>
    queries
      .selectFrom('valueSlot')
      .innerJoin('version', (join) =>
        join
          .onRef('version.secretId', '=', 'valueSlot.secretId')
          .onRef('version.environment', '=', 'valueSlot.environment')
          .onRef('version.number', '=', 'valueSlot.current'),
      )
      .select(versionColumns)
      .where('valueSlot.secretId', 'in', secretIds)
      .orderBy('valueSlot.secretId')
      .orderBy('valueSlot.environment'),
  );
  const withFingerprint = prepare(session, (value) =>
    queries
      .selectFrom('version')
      .select(['environment', 'number'])
      .where('secretId', '=', value('secretId'))
      .where('fingerprint', '=', value('fingerprint'))
      .orderBy('environment')
      .orderBy('number'),
  );
  const writtenSince = prepareOne(session, (value) =>
    queries
      .selectFrom('valueSlot')
      .innerJoin('version', (join) =>
        join
          .onRef('version.secretId', '=', 'valueSlot.secretId')
          .onRef('version.environment', '=', 'valueSlot.environment')
          .on((eb) => eb('version.number', '>', eb('valueSlot.last', '-', value('most')))),
      )
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('valueSlot.secretId', '=', value('secretId'))
      .where('version.createdAt', '>=', value('since')),
  );
  return {
    async insertVersion(version) {
      await insertVersion({ ...version });
    },
    async saveSlot({ secretId, environment, current, last, oldest }) {
      await saveSlot({ secretId, environment, current, last, oldest });
    },
    listSlots: async (secretIds) => (secretIds.length === 0 ? [] : slotsOf(secretIds)),
    async findVersion(secretId, environment, number) {
      return queries
        .selectFrom('version')
        .select(versionColumns)
        .where('secretId', '=', secretId)
        .where('environment', '=', environment)
        .where('number', '=', number)
        .executeTakeFirst();
    },
    listCurrent: async (secretIds) => (secretIds.length === 0 ? [] : currentOf(secretIds)),
    async listVersions(secretId, environment) {
      return queries
        .selectFrom('version')
        .select(versionColumns)
        .where('secretId', '=', secretId)
        .$if(environment !== undefined, (query) => query.where('environment', '=', environment ?? ''))
        .orderBy('environment')
        .orderBy('number', 'desc')
        .execute();
    },
    listWithFingerprint: (secretId, fingerprint) => withFingerprint({ secretId, fingerprint }),
    countWrittenSince: async (secretId, since, most) =>
      (await writtenSince({ secretId, since, most }))?.count ?? 0,
    async destroyVersion(...[secretId, environment, number, at]) {
      await queries
        .updateTable('version')
        .set({ ...destroyed, destroyedAt: at })
        .where('secretId', '=', secretId)
        .where('environment', '=', environment)
        .where('number', '=', number)
        .execute();
    },
    async destroyVersions({ secretId, environment, first, last }, at) {
      await queries
        .updateTable('version')
        .set({ ...destroyed, destroyedAt: at })
        .where('secretId', '=', secretId)
        .where('environment', '=', environment)
        .where('number', '>=', first)
        .where('number', '<=', last)
        .where('destroyedAt', 'is', null)
        .execute();
    },
    async replaceStored({ secretId, environment, number, ...stored }) {
      await queries
        .updateTable('version')
        .set(stored)
        .where('secretId', '=', secretId as never)
        .where('environment', '=', environment)
        .where('number', '=', number)
        .execute();
    },
    async listSealedBefore(organizationId, generation, { inOrder, after, limit }) {
      const rows = await sealedBefore(organizationId, generation)
        .select(versionColumns)
        .$narrowType<{ generation: number }>()
        .$if(after !== undefined, (query) =>
          query.where((eb) =>
            eb(
              eb.refTuple('version.generation', 'version.secretId', 'version.environment', 'version.number'),
              '>',
              eb.tuple(
                after?.generation ?? 0,
                (after?.secretId ?? '') as never,
                after?.environment ?? '',
                after?.number ?? 0,
              ),
            ),
          ),
        )
        .orderBy('version.generation')
        .$if(inOrder, (query) =>
          query.orderBy('version.secretId').orderBy('version.environment').orderBy('version.number'),
        )
        .limit(limit)
        .execute();
      if (rows.length === 0) return [];
      const secrets = await queries
        .selectFrom('secret')
        .selectAll()
        .where('organizationId', '=', organizationId)
        .where('id', 'in', [...new Set(rows.map(({ secretId }) => secretId))])
        .execute();
      const byId = new Map(secrets.map((row) => [row.id, readSecret(row)]));
      return rows.map((version) => ({ version, secret: byId.get(version.secretId) }));
    },
    async countSealedBefore(organizationId, generation) {
      const { count } = await sealedBefore(organizationId, generation)
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return count;
    },
  };
};
