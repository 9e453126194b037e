import { isId } from '../domain/ids.ts';
import type { EnvironmentStore } from '../domain/environments/port.ts';
import { insertUnlessTaken } from './insert-unless-taken.ts';
import { prepareOne } from './prepared-query.ts';
import type { StoreContext } from './store-context.ts';

export const createEnvironmentStore = ({ queries, session }: StoreContext): EnvironmentStore => {
  const findBy = (column: 'id' | 'slug') =>
    prepareOne(session, (value) =>
      queries
        .selectFrom('environment')
        .selectAll()
        .where('organizationId', '=', value('organizationId'))
        .where(column, '=', value('idOrSlug')),
    );
  const findById = findBy('id');
  const findBySlug = findBy('slug');
  return {
    insert: (environment) => insertUnlessTaken(queries.insertInto('environment').values(environment)),
    find: (organizationId, idOrSlug) =>
      (isId('environment', idOrSlug) ? findById : findBySlug)({ organizationId, idOrSlug }),
    list: (organizationId) =>
      queries
        .selectFrom('environment')
        .selectAll()
        .where('organizationId', '=', organizationId)
        .orderBy('position')
        .orderBy('slug')
        .execute(),
    async update(id, change) {
      if (Object.keys(change).length === 0) return;
      await queries.updateTable('environment').set(change).where('id', '=', id).execute();
    },
    async delete(id) {
      await queries.deleteFrom('environment').where('id', '=', id).execute();
    },
    listUses: (organizationId, slug, limit) =>
      queries
        .selectFrom('valueSlot')
        .innerJoin('secret', 'secret.id', 'valueSlot.secretId')
        .select(['valueSlot.secretId', 'secret.name'])
        .where('valueSlot.organizationId', '=', organizationId)
        .where('valueSlot.environment', '=', slug)
        .where('valueSlot.current', 'is not', null)
        .orderBy('valueSlot.secretId')
        .limit(limit)
        .execute(),
  };
};
