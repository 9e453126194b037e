import { startServer, type TestServer } from '@coffer/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Operation } from './operation.ts';
import { operatorOf } from './operator.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ login: false });
});
afterAll(() => server.close());

describe('what is computed once per request', () => {
  it('is computed again where it failed, as a batch that lost runs again', async () => {
    const { guard, database } = server.server.house;
    const computed = new Map<string, Promise<string>>();
    let computations = 0;
    const compute = () => {
      computations += 1;
      return computations === 1 ? Promise.reject(new Error('lost')) : Promise.resolve('fingerprint');
    };
    await database.commit(async (stores, ledger) => {
      const caller = operatorOf(guard, null);
      const parts = { ledger, keyring: guard.keyring, computed };
      const newOperation = () => new Operation({ caller, stores, now: 0 }, 'test.act', parts);
      await expect(newOperation().once('one', compute)).rejects.toThrow('lost');
      expect(await newOperation().once('one', compute)).toBe('fingerprint');
      expect(await newOperation().once('one', compute)).toBe('fingerprint');
    });
    expect(computations).toBe(2);
  });
});
