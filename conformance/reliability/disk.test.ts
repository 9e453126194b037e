import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { refusalOf, runCoffer } from '@coffer/testkit';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { canMount, mountMemory, type Mount } from './mounts.ts';
import { createPlaces, openPlace, stopServer, type Place } from './place.ts';

vi.setConfig({ testTimeout: 120_000 });
const places = createPlaces();
const mounts: Mount[] = [];
afterEach(() => {
  for (const mounted of mounts.splice(0)) mounted.remove();
});
afterAll(() => places.removeAll());

const megabyte = 1024 * 1024;

/** A place whose data directory is a small disk of its own. */
const placeOnDisk = async (megabytes: number): Promise<{ place: Place; disk: Mount }> => {
  const place = await places.create('sqlite');
  const disk = mountMemory(place.settings['data-dir'] ?? '', megabytes);
  mounts.push(disk);
  return { place, disk };
};

/** Writes a file until the disk has no byte left. */
const fillDisk = ({ path }: Mount): string => {
  const filler = join(path, 'filler');
  const file = openSync(filler, 'w');
  try {
    for (let size = megabyte; size >= 1; size /= 2) {
      try {
        for (;;) writeSync(file, Buffer.alloc(size));
      } catch {
        continue;
      }
    }
  } finally {
    closeSync(file);
  }
  return filler;
};

const valueOf = (number: number): string => `${number}/${'v'.repeat(3000)}`;

describe.runIf(canMount())('SQLite on a disk of its own', () => {
  it('says storage_unavailable while the disk is full, loses nothing, and goes on by itself when there is room', async () => {
    const { place, disk } = await placeOnDisk(12);
    const { server, owner } = await openPlace(place);
    await owner.agents.create({ slug: 'bot' });
    let acknowledged = (await owner.secrets.set('bot', 'TOKEN', valueOf(1))).version ?? 0;
    for (let round = 0; round < 3; round += 1) {
      const filler = fillDisk(disk);
      let refused = 0;
      for (let attempt = 0; attempt < 200 && refused < 3; attempt += 1) {
        try {
          acknowledged = (await owner.secrets.set('bot', 'TOKEN', valueOf(acknowledged + 1))).version ?? 0;
        } catch (error) {
          expect(error).toMatchObject({ code: 'storage_unavailable' });
          expect((error as { hint: string }).hint).toMatch(/Free space/);
          refused += 1;
        }
      }
      expect(refused).toBe(3);
      const start = await refusalOf(owner.deliver('bot', 'development'));
      expect(start.code).toBe('storage_unavailable');
      rmSync(filler);
      expect(await owner.deliver('bot', 'development')).toMatchObject({ TOKEN: valueOf(acknowledged) });
      acknowledged = (await owner.secrets.set('bot', 'TOKEN', valueOf(acknowledged + 1))).version ?? 0;
    }
    expect(await owner.audit.verify()).toMatchObject({ ok: true });
    server.kill('SIGKILL');
    await server.ended;
    const second = await openPlace(place);
    expect(await second.owner.deliver('bot', 'development')).toMatchObject({ TOKEN: valueOf(acknowledged) });
    expect((await second.owner.audit.verify()).ok).toBe(true);
    await stopServer(second.server);
  });

  it('says storage_unavailable on a disk that was made read-only, and goes on when it is writable again', async () => {
    const { place, disk } = await placeOnDisk(24);
    const { server, owner } = await openPlace(place);
    await owner.agents.create({ slug: 'bot' });
    await owner.secrets.set('bot', 'TOKEN', valueOf(1));
    await stopServer(server);

    disk.remount('ro');
    const refused = await runCoffer(['server'], { settings: { ...place.settings, listen: '127.0.0.1:0' } });
    expect(refused.stderr).toMatch(/^error: .*\(storage_unavailable\)$/m);
    expect(refused.status).toBe(8);

    disk.remount('rw');
    const second = await openPlace(place);
    expect(await second.owner.deliver('bot', 'development')).toMatchObject({ TOKEN: valueOf(1) });
    await stopServer(second.server);
  });
});
