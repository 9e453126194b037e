import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCoffer, startCoffer, type Ran, type TestCaller } from '@coffer/testkit';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createPlaces, engineNames, openPlace, stopServer, type Place } from './place.ts';

vi.setConfig({ testTimeout: 180_000 });
const places = createPlaces();
afterAll(() => places.removeAll());

const host = (place: Pick<Place, 'settings'>, words: readonly string[], more: object = {}): Promise<Ran> =>
  runCoffer(['server', ...words], { settings: place.settings, ...more });

const rootKeyFileOf = ({ settings }: Pick<Place, 'settings'>): string => settings['root-key-file'] ?? '';
const linesOf = (file: string): string[] => readFileSync(file, 'utf8').trim().split('\n');

const nameOf = (number: number): string => `NAME_${number}`;
const valueOf = (number: number): string => `the-value-${number}-of-many-values`;

const fill = async (owner: TestCaller, count: number): Promise<void> => {
  await owner.agents.create({ slug: 'bot' });
  await owner.secrets.import(
    'bot',
    Array.from({ length: count }, (_, number) => ({ name: nameOf(number), value: valueOf(number) })),
  );
};

const expectValues = async (owner: TestCaller, count: number): Promise<void> => {
  const delivered = await owner.deliver('bot', 'development');
  for (let number = 0; number < count; number += 1) {
    expect(delivered[nameOf(number)] === valueOf(number), nameOf(number)).toBe(true);
  }
};

const withRootKey = (place: Place, file: string): Pick<Place, 'settings'> => ({
  settings: { ...place.settings, 'root-key-file': file },
});

/** Starts a host command, kills it once it says this (or before), and waits for its end. */
const killWhen = async (place: Place, words: readonly string[], pattern: RegExp): Promise<Ran> => {
  const running = startCoffer(['server', ...words], { settings: place.settings });
  await running.said(pattern);
  running.kill('SIGKILL');
  return running.ended;
};

describe.each(engineNames)('R-045 on %s', (engine) => {
  it('rotates the root key while a server runs and writes, killed in the middle and run again', async () => {
    const place = await places.create(engine);
    const { server, owner } = await openPlace(place);
    await fill(owner, 20);
    const newFile = join(place.folder, 'root-2.key');
    const words = ['rotate-root-key', '--new-root-key-file', newFile];
    await killWhen(place, words, /Made a new root key/);
    await owner.secrets.set('bot', nameOf(0), valueOf(0));
    await killWhen(place, words, /Wrapped \d/);
    await owner.secrets.set('bot', nameOf(1), valueOf(1));
    await expectValues(owner, 20);

    const ran = await host(place, words);
    expect(ran.stderr).toMatch(/Done\./);
    expect(ran.status).toBe(0);
    const [newKey, oldKey] = linesOf(rootKeyFileOf(place));
    expect(newKey).toBe(linesOf(newFile)[0]);
    expect(statSync(rootKeyFileOf(place)).mode & 0o077).toBe(0);
    await owner.secrets.set('bot', nameOf(2), valueOf(2));
    await expectValues(owner, 20);
    expect((await owner.audit.verify()).ok).toBe(true);
    await stopServer(server);

    const oldFile = join(place.folder, 'old.key');
    writeFileSync(oldFile, `${oldKey ?? ''}\n`, { mode: 0o600 });
    const refused = await host(withRootKey(place, oldFile), ['--listen', '127.0.0.1:0']);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(/root_key_invalid/);

    const second = await openPlace(withRootKey(place, newFile));
    await expectValues(second.owner, 20);
    expect((await second.owner.audit.verify()).ok).toBe(true);
    const rotations = await second.owner.audit.list({ action: 'root_key.rotate' });
    expect(rotations.items).toHaveLength(1);
    await stopServer(second.server);
  });

  it('rotates the data key while a server runs and writes, killed in the middle and resumed', async () => {
    const place = await places.create(engine);
    const { server, owner } = await openPlace(place);
    const count = 500;
    await fill(owner, count);
    const killed = await killWhen(place, ['rotate-data-key'], /Sealed \d+ of/);
    expect(killed.signal).toBe('SIGKILL');
    await owner.secrets.set('bot', nameOf(0), valueOf(0));
    await expectValues(owner, count);

    const resumed = await host(place, ['rotate-data-key', '--resume', '--json']);
    expect(resumed.status).toBe(0);
    await expectValues(owner, count);
    const again = await host(place, ['rotate-data-key', '--resume', '--json']);
    expect(JSON.parse(again.stdout)).toMatchObject({ resealed: 0 });
    const rotated = await host(place, ['rotate-data-key', '--json']);
    expect(JSON.parse(rotated.stdout)).toMatchObject({ resealed: count + 1 });
    await expectValues(owner, count);
    expect((await owner.audit.verify()).ok).toBe(true);
    await stopServer(server);

    const second = await openPlace(place);
    await expectValues(second.owner, count);
    await stopServer(second.server);
  });

  it('R-202 R-316 recovers an owner with the data directory and the root key, and says so in the trail', async () => {
    const place = await places.create(engine);
    const { server, owner } = await openPlace(place);
    const ran = await host(place, ['recover-owner', 'Second@Example.com', '--json']);
    expect(ran.status).toBe(0);
    const members = await owner.members.list();
    const second = members.items.find(({ email }) => email === 'second@example.com');
    expect(JSON.parse(ran.stdout)).toEqual({
      id: second?.id,
      email: 'second@example.com',
      role: 'owner',
      organization: 'default',
    });
    expect(members.items).toContainEqual(
      expect.objectContaining({ email: 'second@example.com', role: 'owner' }),
    );
    const events = await owner.audit.list({ action: 'owner.recover' });
    expect(events.items).toMatchObject([{ actor: { type: 'operator' } }]);
    const wrongKey = join(place.folder, 'wrong.key');
    writeFileSync(wrongKey, Buffer.alloc(32, 7).toString('base64'), { mode: 0o600 });
    const refused = await host(withRootKey(place, wrongKey), ['recover-owner', 'thief@example.com']);
    expect(refused.status).toBe(1);
    expect((await owner.members.list()).items).toHaveLength(2);
    await stopServer(server);
  });
});

describe('R-044 the root key', () => {
  it('of COFFER_ROOT_KEY opens what either of two keys wraps, and rotates to the first', async () => {
    const place = await places.create('sqlite');
    const keyOf = (byte: number, form: 'base64' | 'hex'): string => Buffer.alloc(32, byte).toString(form);
    const [oldKey, newKey] = [keyOf(1, 'base64'), keyOf(2, 'hex')];
    const first = await openPlace(place, { COFFER_ROOT_KEY: oldKey });
    await fill(first.owner, 3);
    await stopServer(first.server);
    expect(existsSync(rootKeyFileOf(place))).toBe(false);

    const both = { COFFER_ROOT_KEY: `${newKey} ${oldKey}` };
    const second = await openPlace(place, both);
    await expectValues(second.owner, 3);
    const alone = await host(place, ['rotate-root-key'], { environment: { COFFER_ROOT_KEY: oldKey } });
    expect(alone.status).toBe(2);
    expect((await host(place, ['rotate-root-key'], { environment: both })).status).toBe(0);
    await expectValues(second.owner, 3);
    await stopServer(second.server);

    const refused = await host(place, [], { environment: { COFFER_ROOT_KEY: oldKey } });
    expect(refused.stderr).toMatch(/root_key_invalid/);
    const third = await openPlace(place, { COFFER_ROOT_KEY: newKey });
    await expectValues(third.owner, 3);
    await stopServer(third.server);
  });

  it.each(['', '/in a folder'])(
    'that cannot be made, as a file stands in its way%s, is named',
    async (end) => {
      const place = await places.create('sqlite');
      const file = join(place.folder, 'file');
      writeFileSync(file, '');
      const heads = { 'audit-head-file': join(place.folder, 'heads.json') };
      const settings = { ...place.settings, ...heads, 'root-key-file': join(`${file}${end}`, 'root.key') };
      const refused = await host({ settings }, []);
      expect(refused.status).toBe(1);
      expect(refused.stderr).toMatch(/root key file .*root\.key cannot be made \(E\w+\)[^]*root_key_invalid/);
    },
  );

  it('is refused in a file that others can write, and warned of in one that others can read', async () => {
    const place = await places.create('sqlite');
    const file = rootKeyFileOf(place);
    writeFileSync(file, Buffer.alloc(32, 5).toString('base64'));
    chmodSync(file, 0o622);
    const refused = await host(place, []);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(/root_key_invalid/);
    chmodSync(file, 0o644);
    const { server } = await openPlace(place);
    expect(server.stderr()).toMatch(/Warning: others can read the root key/);
    await stopServer(server);
    chmodSync(file, 0o600);
    const second = await openPlace(place);
    expect(second.server.stderr()).not.toMatch(/Warning/);
    await stopServer(second.server);
  });

  it('is made only at a first start, outside the data directory; without it, or cut, the server refuses', async () => {
    const place = await places.create('sqlite');
    const inside = withRootKey(place, join(place.settings['data-dir'] ?? '', 'root.key'));
    expect((await host(inside, [])).stderr).toMatch(/inside the data directory/);
    const { server } = await openPlace(place);
    expect(server.stderr()).toContain(`The root key is ${rootKeyFileOf(place)}`);
    expect(statSync(rootKeyFileOf(place)).mode & 0o777).toBe(0o600);
    await stopServer(server);
    const missing = join(place.folder, 'missing.key');
    expect((await host(withRootKey(place, missing), [])).stderr).toMatch(/root_key_invalid/);
    expect(existsSync(missing)).toBe(false);
    const short = join(place.folder, 'short.key');
    writeFileSync(short, Buffer.alloc(31, 1).toString('base64'), { mode: 0o600 });
    const refused = await host(withRootKey(place, short), []);
    expect(refused.stderr).toMatch(/does not hold 32 bytes/);
    const bad = await host(place, ['rotate-root-key', '--new-root-key-file', short]);
    expect(bad.status).toBe(1);
    expect(linesOf(rootKeyFileOf(place))).toHaveLength(1);
    const beside = join(place.settings['data-dir'] ?? '', 'root-2.key');
    const copied = await host(place, ['rotate-root-key', '--new-root-key-file', beside]);
    expect(copied.stderr).toMatch(/inside the data directory/);
    expect(existsSync(beside)).toBe(false);
  });
});
