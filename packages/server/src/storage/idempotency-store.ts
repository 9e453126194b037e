import type { IdempotencyStore } from '../domain/idempotency/port.ts';
import type { StoreContext } from './store-context.ts';

export const createIdempotencyStore = ({ queries }: StoreContext): IdempotencyStore => ({
  find: (callerId, route, key) =>
    queries
      .selectFrom('idempotency')
      .selectAll()
      .where('callerId', '=', callerId)
      .where('route', '=', route)
      .where('key', '=', key)
      .executeTakeFirst(),
  async insert(record) {
    await queries.insertInto('idempotency').values(record).execute();
  },
  async deleteBefore(before) {
    await queries.deleteFrom('idempotency').where('createdAt', '<', before).execute();
  },
});
