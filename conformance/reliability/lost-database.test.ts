import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCoffer, type Ran } from '@coffer/testkit';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createPlaces, openPlace, stopServer, type Place } from './place.ts';

/*
 * The audit heads are kept outside the database. Where they are and their chains are not, the database is
 * another one, or what is left of it.
 */

vi.setConfig({ testTimeout: 60_000 });
const places = createPlaces();
afterAll(() => places.removeAll());

const host = (place: Place, ...words: string[]): Promise<Ran> =>
  runCoffer(['server', ...words], { settings: place.settings });
const headFileOf = ({ settings }: Place): string => `${settings['root-key-file'] ?? ''}.audit-heads.json`;
const databaseOf = ({ settings }: Place): string => join(settings['data-dir'] ?? '', 'coffer.db');

/** A place with an instance that had a life. */
const openLived = async (): Promise<Place> => {
  const place = await places.create('sqlite');
  const { server, owner } = await openPlace(place);
  await owner.agents.create({ slug: 'bot' });
  await stopServer(server);
  return place;
};

describe('R-307 a database that is lost', () => {
  it('is not replaced by an empty one as if this were the first start', async () => {
    const place = await openLived();
    const elsewhere = `${databaseOf(place)}.elsewhere`;
    renameSync(databaseOf(place), elsewhere);
    const refused = await host(place);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(/is empty, but .*audit-heads\.json keeps the end of an audit trail/);
    rmSync(databaseOf(place), { force: true });
    renameSync(elsewhere, databaseOf(place));
    const { server, owner } = await openPlace(place);
    expect((await owner.agents.list()).items).toHaveLength(1);
    await stopServer(server);
  });

  it('is told by the check of the trails, where another stands in its place', async () => {
    const place = await openLived();
    const kept = readFileSync(headFileOf(place));
    for (const path of [databaseOf(place), headFileOf(place)]) rmSync(path);
    rmSync(`${databaseOf(place)}-wal`, { force: true });
    const { server } = await openPlace(place);
    await stopServer(server);
    writeFileSync(headFileOf(place), kept);
    const ran = await host(place, 'verify-audit', '--json');
    expect(ran.status).toBe(10);
    const chains = JSON.parse(ran.stdout) as { chain: string; ok: boolean }[];
    const lost = chains.find(({ chain }) => kept.includes(chain) && chain !== 'instance');
    expect(lost).toMatchObject({ ok: false, firstBroken: { reason: 'cut_off' } });
  });
});

describe('R-307 an audit head file that cannot be read', () => {
  it('stops no server, is said in its log, and is left for somebody to look at', async () => {
    const place = await openLived();
    writeFileSync(headFileOf(place), '');
    const { server, owner } = await openPlace(place, { COFFER_LOG_LEVEL: 'error' });
    expect(await owner.deliver('bot', 'development')).toEqual({});
    expect(server.stderr()).toMatch(/The audit head file .* cannot be read/);
    await stopServer(server);
    expect(readFileSync(headFileOf(place), 'utf8')).toBe('');
    const refused = await host(place, 'verify-audit');
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(/move it away/);
    expect(existsSync(`${headFileOf(place)}.${process.pid}.next`)).toBe(false);
  });
});
