import { startServer, type TestServer } from '@coffer/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operatorOf } from '../guard/operator.ts';
import { ensurePerson } from '../organizations/create.ts';
import { createSecret } from './create.ts';
import { updateSecret } from './update.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

describe('answers that tell a value was used before', () => {
  it('R-159 are counted once for a write, however often its batch runs', async () => {
    const { guard, database } = server.server.house;
    const [organization] = await database.read(async (stores) => stores.organizations.list());
    const operator = operatorOf(guard, organization?.id ?? null);
    const place = { scope: 'project', project: 'default' } as const;
    const value = 'the same again and again';
    await createSecret(operator, place, { name: 'SAME', value });
    const told: boolean[] = [];
    for (let write = 1; write <= 21; write += 1) {
      let attempts = 0;
      const [{ advice }] = await Promise.all([
        updateSecret(operator, { by: 'name', place, name: 'SAME' }, { input: { value } }),
        database.commit(async (stores) => {
          attempts += 1;
          const person = await ensurePerson(stores, 'owner@coffer.local', 0);
          // As if another process had taken this id at the same moment.
          if (attempts === 1) await stores.members.insertPerson({ ...person, email: 'another@coffer.local' });
        }),
      ]);
      expect(attempts).toBe(2);
      told.push(advice.some(({ code }) => code === 'value_reused'));
    }
    expect(told).toEqual([...Array.from({ length: 20 }, () => true), false]);
  });
});
