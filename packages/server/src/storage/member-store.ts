import { isId } from '../domain/ids.ts';
import type { MemberStore } from '../domain/members/port.ts';
import { prepare, prepareOne } from './prepared-query.ts';
import type { StoreContext } from './store-context.ts';

export const createMemberStore = ({ queries, session }: StoreContext): MemberStore => {
  const members = queries
    .selectFrom('member')
    .innerJoin('person', 'person.id', 'member.personId')
    .select([
      'member.id',
      'member.organizationId',
      'member.personId',
      'person.email',
      'person.name',
      'member.role',
      'member.createdAt',
      'member.removedAt',
    ]);
  const person = prepareOne(session, (value) =>
    queries.selectFrom('person').selectAll().where('id', '=', value('id')),
  );
  const memberships = prepare(session, (value) =>
    members
      .innerJoin('organization', 'organization.id', 'member.organizationId')
      .select('organization.slug as organizationSlug')
      .where('member.personId', '=', value('personId'))
      .where('member.removedAt', 'is', null)
      .orderBy('member.createdAt')
      .orderBy('member.id'),
  );
  const findBy = (column: 'member.id' | 'person.email') =>
    prepareOne(session, (value) =>
      members
        .where('member.organizationId', '=', value('organizationId'))
        .where(column, '=', value('idOrEmail'))
        .where('member.removedAt', 'is', null),
    );
  const findById = findBy('member.id');
  const findByEmail = findBy('person.email');
  return {
    async insertPerson(person) {
      await queries.insertInto('person').values(person).execute();
    },
    findPersonByEmail: (email) =>
      queries.selectFrom('person').selectAll().where('email', '=', email).executeTakeFirst(),
    findPerson: (id) => person({ id }),
    async renamePerson(id, name) {
      await queries.updateTable('person').set({ name }).where('id', '=', id).execute();
    },
    findFirstOwner: () =>
      queries
        .selectFrom('member')
        .innerJoin('person', 'person.id', 'member.personId')
        .selectAll('person')
        .where('member.role', '=', 'owner')
        .where('member.removedAt', 'is', null)
        .orderBy('member.createdAt')
        .orderBy('member.id')
        .limit(1)
        .executeTakeFirst(),
    async insert(member) {
      await queries.insertInto('member').values(member).execute();
    },
    find: (organizationId, idOrEmail) =>
      (isId('member', idOrEmail) ? findById : findByEmail)({ organizationId, idOrEmail }),
    get: (id) => members.where('member.id', '=', id).executeTakeFirst(),
    list: (organizationId, { after, limit }) =>
      members
        .where('member.organizationId', '=', organizationId)
        .where('member.removedAt', 'is', null)
        .$if(after !== undefined, (query) => query.where('member.id', '>', after as never))
        .orderBy('member.id')
        .limit(limit)
        .execute(),
    listOfPerson: (personId) => memberships({ personId }),
    async countOwners(organizationId) {
      const { count } = await queries
        .selectFrom('member')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('organizationId', '=', organizationId)
        .where('role', '=', 'owner')
        .where('removedAt', 'is', null)
        .executeTakeFirstOrThrow();
      return count;
    },
    async updateRole(id, role) {
      await queries.updateTable('member').set({ role }).where('id', '=', id).execute();
    },
    async remove(id, at) {
      await queries.updateTable('member').set({ removedAt: at }).where('id', '=', id).execute();
    },
    async lastActive(personIds) {
      if (personIds.length === 0) return new Map();
      const rows = await queries
        .selectFrom('session')
        .select(({ fn }) => ['personId', fn.max('lastUsedAt').as('at')])
        .where('personId', 'in', personIds)
        .groupBy('personId')
        .execute();
      return new Map(rows.map(({ personId, at }) => [personId, at]));
    },
  };
};
