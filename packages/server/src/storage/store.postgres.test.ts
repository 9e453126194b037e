import { hasPostgres, startPostgres, type RunningPostgres } from '@coffer/testkit';
import { afterAll, beforeAll, describe } from 'vitest';
import { describeBatches } from './batch-suite.ts';
import { describeQueue } from './queue-suite.ts';
import { describeStores } from './store-suite.ts';

describe.skipIf(!hasPostgres())('PostgreSQL', () => {
  let server: RunningPostgres;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  const locateEmpty = async () => ({ postgres: { url: await server.createDatabase() }, poolSize: 4 });

  describeStores('PostgreSQL', locateEmpty);
  describeQueue('PostgreSQL', locateEmpty);
  describeBatches('PostgreSQL', locateEmpty);
});
