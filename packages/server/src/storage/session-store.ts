import type { SessionStore } from '../domain/sessions/port.ts';
import { prepareOne } from './prepared-query.ts';
import type { StoreContext } from './store-context.ts';

export const createSessionStore = ({ queries, session }: StoreContext): SessionStore => {
  const byTokenHash = prepareOne(session, (value) =>
    queries.selectFrom('session').selectAll().where('tokenHash', '=', value('tokenHash')),
  );
  return {
    async insert(made) {
      await queries.insertInto('session').values(made).execute();
    },
    findByTokenHash: (tokenHash) => byTokenHash({ tokenHash }),
    async revoke(id, at) {
      await queries.updateTable('session').set({ revokedAt: at }).where('id', '=', id).execute();
    },
    async revokeOfPerson(personId, at) {
      await queries
        .updateTable('session')
        .set({ revokedAt: at })
        .where('personId', '=', personId)
        .where('revokedAt', 'is', null)
        .execute();
    },
    async touch(id, at) {
      await queries
        .updateTable('session')
        .set({ lastUsedAt: at })
        .where('id', '=', id)
        .where('lastUsedAt', '<', at)
        .execute();
    },
    async insertChallenge(challenge) {
      await queries.insertInto('challenge').values(challenge).execute();
    },
    findChallenge: (id) =>
      queries.selectFrom('challenge').selectAll().where('id', '=', id).executeTakeFirst(),
    async useChallenge(id, at) {
      const { numUpdatedRows } = await queries
        .updateTable('challenge')
        .set({ usedAt: at })
        .where('id', '=', id)
        .where('usedAt', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
    async deleteExpired(before) {
      await queries.deleteFrom('session').where('expiresAt', '<', before).execute();
      await queries.deleteFrom('challenge').where('expiresAt', '<', before).execute();
    },
  };
};
