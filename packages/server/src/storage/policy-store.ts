import type { PolicyStore } from '../domain/policy/port.ts';
import { readRecord, writeJson } from './json-columns.ts';
import type { StoreContext } from './store-context.ts';

export const createPolicyStore = ({ queries }: StoreContext): PolicyStore => ({
  async get(organizationId) {
    const row = await queries
      .selectFrom('policy')
      .select('switches')
      .where('organizationId', '=', organizationId)
      .executeTakeFirst();
    return row === undefined ? {} : readRecord(row.switches);
  },
  async save(organizationId, switches) {
    const text = writeJson(switches);
    await queries
      .insertInto('policy')
      .values({ organizationId, switches: text })
      .onConflict((conflict) => conflict.column('organizationId').doUpdateSet({ switches: text }))
      .execute();
  },
});
