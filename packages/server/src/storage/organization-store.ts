import { isId } from '../domain/ids.ts';
import type { OrganizationStore } from '../domain/organizations/port.ts';
import type { StoreContext } from './store-context.ts';

export const createOrganizationStore = ({ queries }: StoreContext): OrganizationStore => ({
  async insert(organization) {
    await queries.insertInto('organization').values(organization).execute();
  },
  find: (idOrSlug) =>
    queries
      .selectFrom('organization')
      .selectAll()
      .where(isId('organization', idOrSlug) ? 'id' : 'slug', '=', idOrSlug as never)
      .executeTakeFirst(),
  list: () => queries.selectFrom('organization').selectAll().orderBy('id').execute(),
  async count() {
    const { count } = await queries
      .selectFrom('organization')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    return count;
  },
});
