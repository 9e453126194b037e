import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCoffer, startCoffer } from '@coffer/testkit';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createPlaces, openPlace, stopServer, type Place } from './place.ts';

vi.setConfig({ testTimeout: 180_000 });
const places = createPlaces();
afterAll(() => places.removeAll());

const saved = 'the-value-in-the-backup';
const newer = 'the-value-since-the-backup';
/** Where in a restore it is killed: about its middle it puts the file in place, and then notes that in the trail. */
const parts = [0.2, 0.45, 0.5, 0.55, 0.6, 0.65, 0.8];

/** What the agent is given now; afterwards what is newer than the backup is there again. */
const readAndRenew = async (place: Place): Promise<string | undefined> => {
  const { server, owner } = await openPlace(place);
  const { TOKEN } = await owner.deliver('bot', 'development');
  await owner.secrets.set('bot', 'TOKEN', newer);
  await stopServer(server);
  return TOKEN;
};

describe('R-314 a restore that is killed', () => {
  it('leaves what was there or what was restored, whole, and can be run again', async () => {
    const place = await places.create('sqlite');
    const { server, owner } = await openPlace(place);
    await owner.agents.create({ slug: 'bot' });
    await owner.secrets.set('bot', 'TOKEN', saved);
    const file = join(place.folder, 'backup');
    const { settings } = place;
    expect(await runCoffer(['server', 'backup', file], { settings })).toMatchObject({ status: 0 });
    await stopServer(server);

    const restore = ['server', 'restore', '--force', file];
    const startedAt = performance.now();
    expect(await runCoffer(restore, { settings })).toMatchObject({ status: 0 });
    const tookMs = performance.now() - startedAt;
    expect(await readAndRenew(place)).toBe(saved);

    const found: (string | undefined)[] = [];
    for (const part of parts) {
      const running = startCoffer(restore, { settings });
      await sleep(tookMs * part);
      running.kill('SIGKILL');
      await running.ended;
      found.push(await readAndRenew(place));
    }
    expect(found).toContain(newer);
    expect(found.filter((value) => value !== saved && value !== newer)).toEqual([]);

    expect(await runCoffer(restore, { settings })).toMatchObject({ status: 0 });
    const staged = readdirSync(settings['data-dir'] ?? '').filter((name) => name.includes('restoring'));
    expect(staged).toEqual([]);
    const last = await openPlace(place);
    expect(await last.owner.deliver('bot', 'development')).toMatchObject({ TOKEN: saved });
    expect(await last.owner.audit.verify()).toMatchObject({ ok: true });
    await stopServer(last.server);
  });
});
