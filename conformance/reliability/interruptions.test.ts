import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  callerOf,
  hasPostgres,
  login,
  spawnServer,
  startSilentProxy,
  type TestCaller,
} from '@coffer/testkit';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createPlaces, engineNames, openPlace, stopServer } from './place.ts';

vi.setConfig({ testTimeout: 120_000 });
const places = createPlaces();
afterAll(() => places.removeAll());

interface Outcome {
  acknowledged: number;
  readonly codes: Set<string>;
}

const valueOf = (name: string, number: number): string => `${name}-is-now-the-value-number-${number}`;

/** Writes one name over and over, by compare-and-set, so that what was acknowledged is known for sure. */
const writeOn = async (caller: TestCaller, name: string, until: AbortSignal): Promise<Outcome> => {
  const outcome: Outcome = { acknowledged: 0, codes: new Set() };
  let expectVersion = 0;
  while (!until.aborted) {
    try {
      const value = valueOf(name, expectVersion + 1);
      const { version } = await caller.secrets.set('bot', name, value, { expectVersion });
      outcome.acknowledged = version ?? 0;
      expectVersion = outcome.acknowledged;
    } catch (error) {
      const { code } = error as { code: string };
      outcome.codes.add(code);
      // A write whose answer was lost may have been done.
      if (code === 'version_conflict') expectVersion += 1;
      await sleep(20);
    }
  }
  return outcome;
};

const names = ['FIRST', 'SECOND', 'THIRD', 'FOURTH'];

/** Everybody writes while `disturb` runs; afterwards writes and starts succeed without a restart. */
const expectRecovery = async (owner: TestCaller, disturb: () => Promise<void>): Promise<void> => {
  await owner.agents.create({ slug: 'bot' });
  const stop = new AbortController();
  const writing = names.map((name) => writeOn(owner, name, stop.signal));
  await sleep(300);
  await disturb();
  await sleep(500);
  stop.abort();
  const outcomes = await Promise.all(writing);
  const versions = new Map<string, number>();
  for await (const { name, values } of owner.secrets.listAll('bot'))
    versions.set(name, values[0]?.version ?? 0);
  const delivered = await owner.deliver('bot', 'development');
  for (const [index, name] of names.entries()) {
    const { acknowledged = 0, codes = new Set() } = outcomes[index] ?? {};
    const version = versions.get(name) ?? 0;
    expect(acknowledged).toBeGreaterThan(0);
    expect([acknowledged, acknowledged + 1]).toContain(version);
    expect(delivered[name]).toBe(valueOf(name, version));
    for (const code of codes) expect(['storage_unavailable', 'version_conflict']).toContain(code);
    await owner.secrets.set('bot', name, valueOf(name, version + 1), { expectVersion: version });
  }
  expect((await owner.audit.verify()).ok).toBe(true);
};

describe.runIf(hasPostgres())('PostgreSQL', () => {
  it('whose connections are killed again and again is reached again by itself', async () => {
    const place = await places.create('postgres');
    const { server, owner } = await openPlace(place);
    const postgres = await places.postgres();
    await expectRecovery(owner, async () => {
      // A round that finds nobody connected again yet does not count.
      for (let hits = 0; hits < 8;) {
        if ((await postgres.endConnections(place.settings['database'] ?? '')) > 0) hits += 1;
        await sleep(150);
      }
    });
    await stopServer(server);
  });

  it('that crashes and comes back is reached again by itself', async () => {
    const place = await places.create('postgres');
    const { server, owner } = await openPlace(place);
    const postgres = await places.postgres();
    await expectRecovery(owner, () => postgres.restart());
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    await stopServer(server);
  });

  it.each(['serve', 'serveNew'] as const)(
    'that falls silent without closing anything is unavailable in time, and is reached again by itself (%s)',
    async (heal) => {
      const place = await places.create('postgres');
      const proxy = await startSilentProxy(place.settings['database'] ?? '');
      const { server, owner } = await openPlace({
        settings: { ...place.settings, database: proxy.url, 'database-timeout-seconds': '1' },
      });
      await expectRecovery(owner, async () => {
        proxy.fallSilent();
        await expect(owner.deliver('bot', 'development')).rejects.toMatchObject({
          code: 'storage_unavailable',
        });
        await expect(owner.secrets.set('bot', 'FIFTH', 'v')).rejects.toMatchObject({
          code: 'storage_unavailable',
        });
        expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
        // The operator's log has the request that failed.
        expect(server.stderr()).toMatch(/"level":50[^\n]*"code":"storage_unavailable"/);
        proxy[heal]();
        await vi.waitFor(
          async () => {
            expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
            await owner.deliver('bot', 'development');
          },
          { timeout: 20_000 },
        );
      });
      await stopServer(server);
      await proxy.close();
    },
  );
});

describe('A server on SQLite', () => {
  /** Whoever closes a database last removes its log; a program must not take itself for the last. */
  const lookInside = `
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
print(database.execute('select count(*) from agent').fetchone()[0])
database.close()`;

  it('that is not the first on its file loses nothing when another program has looked inside', async () => {
    const place = await places.create('sqlite');
    const first = await openPlace(place);
    await first.owner.agents.create({ slug: 'bot' });
    await stopServer(first.server);

    const { server, owner } = await openPlace(place);
    const look = () =>
      execFileSync('python3', ['-c', lookInside, join(place.settings['data-dir'] ?? '', 'coffer.db')])
        .toString()
        .trim();
    const value = (number: number) => valueOf('KEY', number);
    await owner.secrets.set('bot', 'KEY', value(1));
    expect(look()).toBe('1');
    await owner.secrets.set('bot', 'KEY', value(2));
    await owner.deliver('bot', 'development');
    expect(look()).toBe('1');
    await owner.secrets.set('bot', 'KEY', value(3));
    server.kill('SIGKILL');
    await server.ended;

    const again = await openPlace(place);
    expect(await again.owner.deliver('bot', 'development')).toMatchObject({ KEY: value(3) });
    expect((await again.owner.audit.verify()).ok).toBe(true);
    await stopServer(again.server);
  });
});

describe.each(engineNames)('A server on %s', (engine) => {
  it('that is told to stop answers the requests that run, and loses nothing it acknowledged', async () => {
    const place = await places.create(engine);
    const { server, owner } = await openPlace(place);
    await owner.agents.create({ slug: 'bot' });
    const entriesOf = (batch: number) =>
      Array.from({ length: 100 }, (_, index) => ({
        name: `B${batch}_${index}`,
        value: valueOf(`${batch}`, index),
      }));
    const running = [0, 1, 2, 3, 4, 5].map((batch) => owner.secrets.import('bot', entriesOf(batch)));
    // Until the first is answered, so that the others are on their way for certain.
    await Promise.race(running);
    server.kill('SIGTERM');
    const answered = await Promise.allSettled(running);
    expect(answered.map(({ status }) => status)).toEqual(running.map(() => 'fulfilled'));
    expect((await server.ended).status).toBe(0);
    const second = await openPlace(place);
    const delivered = await second.owner.deliver('bot', 'development');
    for (const batch of [0, 1, 2, 3, 4, 5]) {
      for (const { name, value } of entriesOf(batch)) expect(delivered[name] === value, name).toBe(true);
    }
    expect((await second.owner.audit.verify()).ok).toBe(true);
    await stopServer(second.server);
  });

  it('starts together with another on one empty database: one instance, and both serve it', async () => {
    for (let round = 0; round < 3; round += 1) {
      const place = await places.create(engine);
      const servers = await Promise.all([spawnServer(place.settings), spawnServer(place.settings)]);
      const firstStarts = servers.filter((server) => server.stderr().includes('First start'));
      expect(firstStarts).toHaveLength(1);
      const owners = await Promise.all(servers.map(async ({ url }) => callerOf(url, await login(url))));
      const [first, second] = owners;
      if (first === undefined || second === undefined) throw new Error('Two servers were started');
      await first.agents.create({ slug: 'bot' });
      await Promise.all(
        owners.map((owner, index) => owner.secrets.set('bot', `KEY_${index}`, `value-of-key-${index}`)),
      );
      for (const owner of owners) {
        expect(await owner.deliver('bot', 'development')).toMatchObject({
          KEY_0: 'value-of-key-0',
          KEY_1: 'value-of-key-1',
        });
        expect((await owner.audit.verify()).ok).toBe(true);
      }
      await Promise.all(servers.map(stopServer));
    }
  });
});
