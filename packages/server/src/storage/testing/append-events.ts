import { openDatabase, type DatabaseLocation } from '../database.ts';
import { ChainScope } from './chain-scope.ts';

/** A process of its own that opens a database and appends events to a chain: `<location as JSON> <chain> <count>`. */
const [location = '', chain = '', count = '0'] = process.argv.slice(2);
// The parent wrote the location.
const database = await openDatabase(JSON.parse(location) as DatabaseLocation)(
  (stores) => new ChainScope(stores),
);
await Promise.all(
  Array.from({ length: Number(count) }, async (_, index) => {
    await new Promise((resolve) => setTimeout(resolve, index % 7));
    await database.commit(async (_stores, scope) => scope.append(chain), {
      onlyAppends: index % 3 > 0,
    });
  }),
);
await database.close();
