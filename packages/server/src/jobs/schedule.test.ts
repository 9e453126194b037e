import { callerOf, startServer, type TestServer } from '@coffer/testkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HeadKeeper } from '../domain/audit/port.ts';
import { createHeadKeeping } from './save-heads.ts';
import { startJobs } from './schedule.ts';

let server: TestServer;
beforeEach(async () => {
  server = await startServer();
});
afterEach(async () => {
  vi.useRealTimers();
  await server.close();
});

/** Counts what is kept; fails as a full disk would where it is told to. */
const createKeeper = () => {
  const keeper: HeadKeeper & { saves: number; broken: boolean } = {
    path: 'in memory',
    saves: 0,
    broken: false,
    find: () => Promise.resolve(undefined),
    save: () => {
      keeper.saves += 1;
      return keeper.broken ? Promise.reject(new Error('no space left')) : Promise.resolve([]);
    },
  };
  return keeper;
};
const start = async (keeper: HeadKeeper) => {
  const { guard, authenticator, latestHeads } = server.server.house;
  const failures: unknown[] = [];
  const log = {
    info: () => undefined,
    error: (fields: object, message: string) => failures.push({ ...fields, message }),
  };
  return {
    jobs: await startJobs(
      { guard, authenticator, log },
      createHeadKeeping({ guard, latestHeads, log }, keeper),
    ),
    failures,
  };
};

describe('the jobs beside the requests', () => {
  it('R-307 keep the heads at the start, every minute, and at the stop', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const keeper = createKeeper();
    const { jobs } = await start(keeper);
    expect(keeper.saves).toBe(1);
    await vi.advanceTimersByTimeAsync(60_000);
    await vi.waitFor(() => expect(keeper.saves).toBe(2));
    await jobs.stop();
    expect(keeper.saves).toBe(3);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(keeper.saves).toBe(3);
  });

  it('one that fails is logged without ending the others, and runs again at its next time', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const keeper = createKeeper();
    const { jobs, failures } = await start(keeper);
    keeper.broken = true;
    await vi.advanceTimersByTimeAsync(60_000);
    await vi.waitFor(() => expect(failures).toMatchObject([{ job: 'heads', message: 'job failed' }]));
    keeper.broken = false;
    await vi.advanceTimersByTimeAsync(60_000);
    await vi.waitFor(() => expect(keeper.saves).toBe(3));
    expect(failures).toHaveLength(1);
    await jobs.stop();
  });

  it('a server starts where the heads cannot be kept, as it goes on there, and says so', async () => {
    const keeper = createKeeper();
    keeper.broken = true;
    const { jobs, failures } = await start(keeper);
    expect(failures).toMatchObject([{ job: 'heads', message: 'job failed' }]);
    await jobs.stop();
  });

  it('R-076 when a key was last used is written down at the stop at the latest', async () => {
    const owner = callerOf(server.url, server.ownerToken);
    await owner.agents.create({ slug: 'bot' });
    const { key, id } = await owner.keys.create({ agent: 'bot', rights: ['read'] });
    await callerOf(server.url, key).secrets.list('bot');
    const lastUse = async () => (await owner.keys.list()).items.find((one) => one.id === id)?.lastUsedAt;
    const { jobs } = await start(createKeeper());
    await jobs.stop();
    expect(await lastUse()).toEqual(expect.any(String));
  });
});
