import type { PolicyStore } from '../domain/policy/port.ts';
import { readJson, writeJson } from './json-columns.ts';
import { prepareOne } from './prepared-query.ts';
import type { StoreContext } from './store-context.ts';

export const createPolicyStore = ({ queries, session }: StoreContext): PolicyStore => {
  const switchesOf = prepareOne(session, (value) =>
    queries.selectFrom('policy').select('switches').where('organizationId', '=', value('organizationId')),
  );
  return {
    async get(organizationId) {
      const row = await switchesOf({ organizationId });
      return row === undefined ? {} : (readJson(row.switches) as Readonly<Record<string, unknown>>);
    },
    async save(organizationId, switches) {
      const text = writeJson(switches);
      await queries
        .insertInto('policy')
        .values({ organizationId, switches: text })
        .onConflict((conflict) => conflict.column('organizationId').doUpdateSet({ switches: text }))
        .execute();
    },
  };
};
