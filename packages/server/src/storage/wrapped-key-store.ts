import type { WrappedKeyStore } from '../domain/keyring/port.ts';
import type { StoreContext } from './store-context.ts';

export const createWrappedKeyStore = ({ queries }: StoreContext): WrappedKeyStore => {
  const keys = queries.selectFrom('wrappedKey').selectAll();
  return {
    async insert(key) {
      await queries.insertInto('wrappedKey').values(key).execute();
    },
    findCurrent: (organizationId, purpose) =>
      keys
        .where('organizationId', '=', organizationId)
        .where('purpose', '=', purpose)
        .orderBy('generation', 'desc')
        .limit(1)
        .executeTakeFirst(),
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
      await queries
        .updateTable('wrappedKey')
        .set(({ eb }) => ({ seals: eb('seals', '+', count) }))
        .where('id', '=', id)
        .execute();
    },
    async retire(id, at) {
      await queries.updateTable('wrappedKey').set({ retiredAt: at }).where('id', '=', id).execute();
    },
    async delete(id) {
      await queries.deleteFrom('wrappedKey').where('id', '=', id).execute();
    },
  };
};
