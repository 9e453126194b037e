import { isId } from '../domain/ids.ts';
import type { AgentStore } from '../domain/agents/port.ts';
import { insertUnlessTaken } from './insert-unless-taken.ts';
import { prepareOne } from './prepared-query.ts';
import type { StoreContext } from './store-context.ts';

export const createAgentStore = ({ queries, session }: StoreContext): AgentStore => {
  const agents = queries
    .selectFrom('agent')
    .innerJoin('project', 'project.id', 'agent.projectId')
    .innerJoin('member', 'member.id', 'agent.ownerId')
    .innerJoin('person', 'person.id', 'member.personId')
    .selectAll('agent')
    .select(['project.slug as projectSlug', 'person.email as ownerEmail']);
  const findBy = (column: 'agent.id' | 'agent.slug') => ({
    withNames: prepareOne(session, (value) =>
      agents
        .where('agent.organizationId', '=', value('organizationId'))
        .where(column, '=', value('idOrSlug'))
        .where('agent.deletedAt', 'is', null),
    ),
    row: prepareOne(session, (value) =>
      queries
        .selectFrom('agent')
        .selectAll()
        .where('organizationId', '=', value('organizationId'))
        .where(column, '=', value('idOrSlug'))
        .where('deletedAt', 'is', null),
    ),
  });
  const findById = findBy('agent.id');
  const findBySlug = findBy('agent.slug');
  const finderOf = (idOrSlug: string) => (isId('agent', idOrSlug) ? findById : findBySlug);
  return {
    insert: (agent) => insertUnlessTaken(queries.insertInto('agent').values(agent)),
    find: (organizationId, idOrSlug) => finderOf(idOrSlug).withNames({ organizationId, idOrSlug }),
    findRow: (organizationId, idOrSlug) => finderOf(idOrSlug).row({ organizationId, idOrSlug }),
    findDeleted: (organizationId, idOrSlug) =>
      agents
        .where('agent.organizationId', '=', organizationId)
        .where(isId('agent', idOrSlug) ? 'agent.id' : 'agent.slug', '=', idOrSlug as never)
        .where('agent.deletedAt', 'is not', null)
        .orderBy('agent.deletedAt', 'desc')
        .orderBy('agent.id', 'desc')
        .limit(1)
        .executeTakeFirst(),
    list: (organizationId, { projectId, after, limit }) =>
      agents
        .where('agent.organizationId', '=', organizationId)
        .where('agent.deletedAt', 'is', null)
        .$if(projectId !== undefined, (query) => query.where('agent.projectId', '=', projectId as never))
        .$if(after !== undefined, (query) => query.where('agent.id', '>', after as never))
        .orderBy('agent.id')
        .limit(limit)
        .execute(),
    async countOwned(memberId) {
      const { count } = await queries
        .selectFrom('agent')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('ownerId', '=', memberId)
        .where('deletedAt', 'is', null)
        .executeTakeFirstOrThrow();
      return count;
    },
    async listOwned(memberId, limit) {
      const owned = await queries
        .selectFrom('agent')
        .select('slug')
        .where('ownerId', '=', memberId)
        .where('deletedAt', 'is', null)
        .orderBy('slug')
        .limit(limit)
        .execute();
      return owned.map(({ slug }) => slug);
    },
    async update(id, change) {
      if (Object.keys(change).length === 0) return;
      await queries.updateTable('agent').set(change).where('id', '=', id).execute();
    },
    async markDeleted(id, at) {
      await queries.updateTable('agent').set({ deletedAt: at }).where('id', '=', id).execute();
    },
    async restore(id) {
      const { numUpdatedRows } = await queries
        .updateTable('agent')
        .set({ deletedAt: null })
        .where('id', '=', id)
        .where((eb) =>
          eb.not(
            eb.exists(
              eb
                .selectFrom('agent as other')
                .select('other.id')
                .whereRef('other.organizationId', '=', 'agent.organizationId')
                .whereRef('other.slug', '=', 'agent.slug')
                .where('other.deletedAt', 'is', null),
            ),
          ),
        )
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
    async destroy(id) {
      await queries.deleteFrom('agent').where('id', '=', id).execute();
    },
    listDeletedBefore: (before, limit) =>
      agents
        .where('agent.deletedAt', '<', before)
        .orderBy('agent.deletedAt')
        .orderBy('agent.id')
        .limit(limit)
        .execute(),
  };
};
