import type { WrappedKeyStore } from '../domain/keyring/port.ts';
import { prepare, prepareOne } from './prepared-query.ts';
import type { StoreContext } from './store-context.ts';

export const createWrappedKeyStore = ({ queries, session }: StoreContext): WrappedKeyStore => {
  const keys = queries.selectFrom('wrappedKey').selectAll();
  const current = prepareOne(session, (value) =>
    keys
      .where('organizationId', '=', value('organizationId'))
      .where('purpose', '=', value('purpose'))
      .orderBy('generation', 'desc')
      .limit(1),
  );
  const addSeals = prepare(session, (value) =>
    queries
      .updateTable('wrappedKey')
      .set(({ eb }) => ({ seals: eb('seals', '+', value('count')) }))
      .where('id', '=', value('id')),
  );
  return {
    async insert(key) {
      await queries.insertInto('wrappedKey').values(key).execute();
    },
    findCurrent: (organizationId, purpose) => current({ organizationId, purpose }),
    find: (organizationId, purpose, generation) =>
      keys
        .where('organizationId', '=', organizationId)
        .where('purpose', '=', purpose)
        .where('generation', '=', generation)
        .executeTakeFirst(),
    list: (after, limit) =>
      keys
        .$if(after !== undefined, (query) => query.where('id', '>', after ?? ''))
        .orderBy('id')
        .limit(limit)
        .execute(),
    async listRootKeyIds() {
      const rows = await queries
        .selectFrom('wrappedKey')
        .select('rootKeyId')
        .distinct()
        .orderBy('rootKeyId')
        .execute();
      return rows.map(({ rootKeyId }) => rootKeyId);
    },
    async countNotWrappedBy(rootKeyId) {
      const { count } = await queries
        .selectFrom('wrappedKey')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('rootKeyId', '!=', rootKeyId)
        .executeTakeFirstOrThrow();
      return count;
    },
    async rewrap(id, wrapped, rootKeyId) {
      await queries.updateTable('wrappedKey').set({ wrapped, rootKeyId }).where('id', '=', id).execute();
    },
    async addSeals(id, count) {
      await addSeals({ id, count });
    },
    async retire(id, at) {
      await queries.updateTable('wrappedKey').set({ retiredAt: at }).where('id', '=', id).execute();
    },
    async delete(id) {
      await queries.deleteFrom('wrappedKey').where('id', '=', id).execute();
    },
  };
};
