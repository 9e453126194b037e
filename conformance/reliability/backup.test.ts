import {
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { runCoffer, type Ran, type TestCaller } from '@coffer/testkit';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createPlaces, engineNames, openPlace, stopServer, type EngineName, type Place } from './place.ts';

vi.setConfig({ testTimeout: 120_000 });
const places = createPlaces();
afterAll(() => places.removeAll());

const backUp = (place: Place, file: string, ...words: string[]): Promise<Ran> =>
  runCoffer(['server', 'backup', ...words, file], { settings: place.settings });

const restore = (place: Place, file: string, ...words: string[]): Promise<Ran> =>
  runCoffer(['server', 'restore', ...words, file], { settings: place.settings });

/** An empty place on this engine that has the root key and the kept audit heads of another. */
const successorOf = async (place: Place, engine: EngineName): Promise<Place> => {
  const next = await places.create(engine);
  const root = place.settings['root-key-file'] ?? '';
  return { ...next, settings: { ...next.settings, 'root-key-file': root } };
};

/** The place with the audit head file that the restore into it named. */
const withOwnHeads = (place: Place, { stderr }: Ran): Place => {
  const file = /start it with --audit-head-file (\S+),/.exec(stderr)?.[1];
  if (file === undefined) throw new Error('The restore named no audit head file');
  return { ...place, settings: { ...place.settings, 'audit-head-file': file } };
};

const valueOf = (number: number): string => `value-number-${number}-of-the-writer`;

const prepare = async (owner: TestCaller): Promise<void> => {
  await owner.agents.create({ slug: 'bot' });
  await owner.secrets.set('bot', 'TOKEN', valueOf(1));
};

const isVerified = async (owner: TestCaller): Promise<boolean> => (await owner.audit.verify()).ok;

describe.each(engineNames)('R-314 on %s', (engine) => {
  it('a backup taken while a client writes restores to a whole state with everything acknowledged before it', async () => {
    const place = await places.create(engine);
    const { server, owner } = await openPlace(place);
    await prepare(owner);
    let acknowledged = 1;
    const stop = new AbortController();
    const writer = (async () => {
      while (!stop.signal.aborted)
        acknowledged = (await owner.secrets.set('bot', 'TOKEN', valueOf(acknowledged + 1))).version ?? 0;
    })();
    const before = acknowledged;
    const file = join(place.folder, 'backup');
    const ran = await backUp(place, file);
    const after = acknowledged;
    stop.abort();
    await writer;
    expect(ran).toMatchObject({ status: 0, stdout: '' });
    expect(ran.stderr).toMatch(/Copied (100%|\d+ rows, all of them)/);
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(after).toBeGreaterThan(before);
    await stopServer(server);

    const next = await successorOf(place, engine);
    const restored = await restore(next, file);
    expect(restored.status).toBe(0);
    expect(restored.stderr).toMatch(/Verified the audit chain of organization default: 100%/);
    expect(restored.stderr).toMatch(/older than the audit head that was kept/);
    const second = await openPlace(withOwnHeads(next, restored));
    const { TOKEN } = await second.owner.deliver('bot', 'development');
    const history = await second.owner.secrets.versions('bot', 'TOKEN');
    const current = history.items.find((version) => version.current)?.version ?? 0;
    expect(current).toBeGreaterThanOrEqual(before);
    expect(current).toBeLessThanOrEqual(acknowledged);
    expect(TOKEN).toBe(valueOf(current));
    expect(await isVerified(second.owner)).toBe(true);
    const events = (await second.owner.audit.list()).items.map(({ action }) => action);
    expect(events).toContain('backup.create');
    expect(events).toContain('backup.restore');
    await stopServer(second.server);
  });

  it('a portable backup restores on either engine', async () => {
    const place = await places.create(engine);
    const { server, owner } = await openPlace(place);
    await prepare(owner);
    const file = join(place.folder, 'backup.snapshot');
    expect((await backUp(place, file, '--portable')).status).toBe(0);
    await stopServer(server);
    for (const target of engineNames) {
      const next = await successorOf(place, target);
      const restored = await restore(next, file);
      expect(restored.status).toBe(0);
      const second = await openPlace(withOwnHeads(next, restored));
      expect(await second.owner.deliver('bot', 'development')).toMatchObject({ TOKEN: valueOf(1) });
      expect(await isVerified(second.owner)).toBe(true);
      await stopServer(second.server);
    }
  });

  it('R-307 a restore elsewhere leaves the kept audit heads of the database that goes on alone', async () => {
    const place = await places.create(engine);
    const { server, owner } = await openPlace(place);
    await prepare(owner);
    const file = join(place.folder, 'backup');
    await backUp(place, file);
    for (let round = 0; round < 2; round += 1)
      expect((await restore(await successorOf(place, engine), file)).status).toBe(0);
    expect(await isVerified(owner)).toBe(true);
    await stopServer(server);
    const again = await openPlace(place, { COFFER_LOG_LEVEL: 'error' });
    expect(await isVerified(again.owner)).toBe(true);
    expect(again.server.stderr()).not.toMatch(/does not reach the head/);
    await stopServer(again.server);
  });

  it('R-091 neither root key nor value is in a backup of either format', async () => {
    const place = await places.create(engine);
    const { server, owner } = await openPlace(place);
    await prepare(owner);
    const key = readFileSync(place.settings['root-key-file'] ?? '', 'utf8').trim();
    for (const words of [[], ['--portable']]) {
      const file = join(place.folder, `backup${words.join('')}`);
      await backUp(place, file, ...words);
      const bytes = readFileSync(file);
      for (const hidden of [
        key,
        Buffer.from(key, 'base64'),
        valueOf(1),
        Buffer.from(valueOf(1)).toString('base64'),
      ]) {
        expect(bytes.includes(hidden)).toBe(false);
      }
    }
    await stopServer(server);
  });

  it('nothing that is there is overwritten', async () => {
    const place = await places.create(engine);
    const { server, owner } = await openPlace(place);
    await prepare(owner);
    const file = join(place.folder, 'backup');
    await backUp(place, file);
    const again = await backUp(place, file);
    expect(again.status).toBe(2);
    expect(again.stderr).toMatch(/exists already/);
    const refused = await restore(place, file);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(/nothing is overwritten/);
    expect(await owner.deliver('bot', 'development')).toMatchObject({ TOKEN: valueOf(1) });
    await stopServer(server);
  });

  it('a host command on an empty database makes no instance', async () => {
    const place = await places.create(engine);
    const ran = await backUp(place, join(place.folder, 'backup'));
    expect(ran.status).toBe(2);
    expect(existsSync(place.settings['root-key-file'] ?? '')).toBe(false);
    const recovered = await runCoffer(['server', 'recover-owner', 'a@example.com'], {
      settings: place.settings,
    });
    expect(recovered.status).toBe(2);
  });
});

describe('R-314 on SQLite, a restore', () => {
  const prepareBackup = async (): Promise<{ place: Place; file: string }> => {
    const place = await places.create('sqlite');
    const { server, owner } = await openPlace(place);
    await prepare(owner);
    const file = join(place.folder, 'backup.db');
    await backUp(place, file);
    await owner.secrets.set('bot', 'TOKEN', valueOf(2));
    await stopServer(server);
    return { place, file };
  };

  it('with --force keeps the old file aside, and refuses while a server has it open', async () => {
    const { place, file } = await prepareBackup();
    const { server } = await openPlace(place);
    const refused = await restore(place, file, '--force');
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(/is in use/);
    await stopServer(server);

    const restored = await restore(place, file, '--force');
    expect(restored.status).toBe(0);
    expect(restored.stderr).toMatch(/older than the audit head that was kept/);
    const kept = readdirSync(place.settings['data-dir'] ?? '').filter((name) =>
      name.endsWith('.before-restore'),
    );
    expect(kept).toHaveLength(1);
    const second = await openPlace(place);
    expect(await second.owner.deliver('bot', 'development')).toMatchObject({ TOKEN: valueOf(1) });
    expect(await isVerified(second.owner)).toBe(true);
    await stopServer(second.server);

    const aside = { ...place.settings, 'data-dir': join(place.folder, 'aside') };
    const old = await places.create('sqlite');
    copyFileSync(join(place.settings['data-dir'] ?? '', kept[0] ?? ''), join(old.folder, 'old.db'));
    expect((await restore({ ...place, settings: aside }, join(old.folder, 'old.db'))).status).toBe(0);
    const third = await openPlace({ settings: aside });
    expect(await third.owner.deliver('bot', 'development')).toMatchObject({ TOKEN: valueOf(2) });
    await stopServer(third.server);
  });

  it('from the disk of a host that crashed brings what its log holds', async () => {
    const place = await places.create('sqlite');
    const { server, owner } = await openPlace(place);
    await prepare(owner);
    for (const number of [2, 3, 4]) await owner.secrets.set('bot', 'TOKEN', valueOf(number));
    server.kill('SIGKILL');
    await server.ended;
    const next = await successorOf(place, 'sqlite');
    const file = join(place.settings['data-dir'] ?? '', 'coffer.db');
    expect(statSync(`${file}-wal`).size).toBeGreaterThan(0);
    const restored = await restore(next, file);
    expect(restored.status).toBe(0);
    const second = await openPlace(withOwnHeads(next, restored));
    expect(await second.owner.deliver('bot', 'development')).toMatchObject({ TOKEN: valueOf(4) });
    expect(await isVerified(second.owner)).toBe(true);
    await stopServer(second.server);
  });

  it('puts aside what a database that is gone has left, and takes nothing from its own workplace', async () => {
    const { place, file } = await prepareBackup();
    const next = await successorOf(place, 'sqlite');
    const dataDir = next.settings['data-dir'] ?? '';
    mkdirSync(dataDir, { recursive: true });
    for (const suffix of ['-journal', '-wal']) writeFileSync(join(dataDir, `coffer.db${suffix}`), 'left');
    expect((await restore(next, file)).status).toBe(0);
    const aside = readdirSync(dataDir).filter((name) => name.includes('.before-restore-'));
    expect(aside.map((name) => name.slice(name.lastIndexOf('-'))).sort()).toEqual(['-journal', '-wal']);
    const { server, owner } = await openPlace(next);
    expect(await owner.deliver('bot', 'development')).toMatchObject({ TOKEN: valueOf(1) });
    await stopServer(server);

    const staged = join(dataDir, 'coffer.db.restoring');
    copyFileSync(file, staged);
    const refused = await restore(next, staged, '--force');
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(/where a restore does its work/);
    expect(existsSync(staged)).toBe(true);
  });

  it('R-267 names the data directory that is a file, or in one', async () => {
    const place = await places.create('sqlite');
    const file = join(place.folder, 'file');
    writeFileSync(file, '');
    for (const dataDir of [file, join(file, 'inside')]) {
      const settings = { ...place.settings, 'data-dir': dataDir };
      const failed = await restore({ ...place, settings }, file);
      expect(failed, failed.stderr).toMatchObject({ status: 2 });
      expect(failed.stderr).toContain(`The data directory ${dataDir} cannot be made`);
      expect(failed.stderr).toContain('--data-dir');
    }
  });

  it('R-267 of a folder, or of nothing, says that it is no file', async () => {
    const place = await places.create('sqlite');
    for (const path of [place.folder, join(place.folder, 'nothing')]) {
      const failed = await restore(place, path);
      expect(failed, failed.stderr).toMatchObject({ status: 2 });
      expect(failed.stderr).toContain(`There is no file ${path}.`);
    }
  });

  it.runIf(process.getuid?.() === 0)(
    'by root leaves the files to the user whose folders they are in',
    async () => {
      const { place, file } = await prepareBackup();
      const next = await successorOf(place, 'sqlite');
      const dataDir = next.settings['data-dir'] ?? '';
      const heads = join(next.folder, 'heads', 'audit-heads.json');
      const someone = 12_345;
      for (const folder of [dataDir, join(next.folder, 'heads')]) {
        mkdirSync(folder, { recursive: true });
        chownSync(folder, someone, someone);
      }
      const settings = { ...next.settings, 'audit-head-file': heads };
      expect((await restore({ ...next, settings }, file)).status).toBe(0);
      for (const path of [join(dataDir, 'coffer.db'), heads])
        expect(statSync(path)).toMatchObject({ uid: someone, gid: someone });
    },
  );

  it('refuses a backup that is cut off, of another root key, of a newer release, or whose trail was changed', async () => {
    const { place, file } = await prepareBackup();
    const alter = (name: string, sql: string): string => {
      const path = join(place.folder, name);
      copyFileSync(file, path);
      const database = new DatabaseSync(path);
      database.exec(sql);
      database.close();
      return path;
    };
    const cut = join(place.folder, 'cut.db');
    copyFileSync(file, cut);
    truncateSync(cut, statSync(cut).size - 40_000);
    const snapshot = join(place.folder, 'cut.snapshot');
    const { server } = await openPlace(place);
    await backUp(place, snapshot, '--portable');
    await stopServer(server);
    truncateSync(snapshot, statSync(snapshot).size - 40);
    const other = await places.create('sqlite');
    const { server: stranger } = await openPlace(other);
    await stopServer(stranger);
    const target = await successorOf(place, 'sqlite');
    const foreign = {
      ...target,
      settings: { ...target.settings, 'root-key-file': other.settings['root-key-file'] ?? '' },
    };
    const cases: readonly [Place, string, number, RegExp][] = [
      [target, cut, 2, /damaged or cut off/],
      [target, snapshot, 2, /file_invalid/],
      [target, join(place.settings['root-key-file'] ?? ''), 2, /file_invalid/],
      [foreign, file, 1, /root_key_invalid/],
      [target, alter('new.db', "insert into migration values ('9999-later', '')"), 1, /database_too_new/],
      [
        target,
        alter('changed.db', "update audit_event set action = 'x' where sequence = 2"),
        10,
        /audit_chain_broken/,
      ],
      [target, alter('cut-off.db', 'delete from audit_event where sequence = 3'), 10, /audit_chain_broken/],
    ];
    for (const [at, from, status, words] of cases) {
      const ran = await restore(at, from);
      expect(ran.stderr).toMatch(words);
      expect(ran.status).toBe(status);
    }
    expect(readdirSync(target.settings['data-dir'] ?? '')).toEqual([]);
    expect((await restore(target, file)).status).toBe(0);
  });
});
