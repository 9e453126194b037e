import type { LeaseStore } from '../domain/leases/port.ts';
import { insertUnlessTaken } from './insert-unless-taken.ts';
import type { StoreContext } from './store-context.ts';

export const createLeaseStore = ({ queries }: StoreContext): LeaseStore => ({
  async acquire({ name, holder, now, until }) {
    const { numUpdatedRows } = await queries
      .updateTable('lease')
      .set({ holder, until })
      .where('name', '=', name)
      .where((eb) => eb.or([eb('until', '<=', now), eb('holder', '=', holder)]))
      .executeTakeFirst();
    if (numUpdatedRows === 1n) return true;
    return insertUnlessTaken(queries.insertInto('lease').values({ name, holder, until }));
  },
  async release(name, holder) {
    await queries.deleteFrom('lease').where('name', '=', name).where('holder', '=', holder).execute();
  },
});
