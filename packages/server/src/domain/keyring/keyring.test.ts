import { generateRootKeyText, rootKeyFromText, SEALS_PER_DATA_KEY, type RootKey } from '@coffer/crypto';
import { refusalOf, startServer, type TestServer } from '@coffer/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Stores } from '../stores.ts';
import { Keyring, type RootKeys } from './keyring.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ login: false });
});
afterAll(() => server.close());

const clock = { now: () => 1_760_000_000_000 };
const makeRootKey = (): RootKey => {
  const made = rootKeyFromText(generateRootKeyText());
  if (!made.ok) throw new Error(made.reason);
  return made.value;
};
/** Root keys in memory; those of `later` are found only once they are looked for again. */
const rootKeysOf = (current: RootKey, later: readonly RootKey[] = []): RootKeys & { reloads: number } => {
  const known = new Map([[current.id, current]]);
  return {
    reloads: 0,
    current: () => current,
    find: (id) => known.get(id),
    reload() {
      this.reloads += 1;
      for (const key of later) known.set(key.id, key);
      return Promise.resolve();
    },
  };
};
const write = <Result>(job: (stores: Stores) => Promise<Result>): Promise<Result> =>
  server.server.house.database.commit(job);

let organizations = 0;
/** The keys of an organization of its own, in the real database under a root key of its own. */
const makeKeys = async () => {
  organizations += 1;
  const organizationId = `org_keyring_${organizations}`;
  const rootKey = makeRootKey();
  const keyring = new Keyring(rootKeysOf(rootKey), clock);
  await write((stores) => keyring.createKeys(stores, organizationId, ['data', 'audit', 'fingerprint']));
  /** What another process would open, with nothing in memory. */
  const reopen = (keys: RootKeys = rootKeysOf(rootKey)) => new Keyring(keys, clock);
  return { organizationId, rootKey, keyring, reopen };
};
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('the keys of an organization', () => {
  it('R-045 are the same for every process that has the root key, and for no other organization', async () => {
    const [one, other] = [await makeKeys(), await makeKeys()];
    const read = (keyring: Keyring, id: string) =>
      write(async (stores) => {
        const keys = [await keyring.auditKey(stores, id), await keyring.fingerprintKey(stores, id)];
        return [...keys.map((key) => hex(key.revealBytes())), (await keyring.sealingKey(stores, id)).id];
      });
    const keys = await read(one.keyring, one.organizationId);
    expect(await read(one.reopen(), one.organizationId)).toEqual(keys);
    expect(new Set([...keys, ...(await read(other.keyring, other.organizationId))]).size).toBe(6);
  });

  it('R-044 are in the database under the root key only', async () => {
    const { organizationId, keyring } = await makeKeys();
    const [audit, row] = await write(async (stores) => [
      await keyring.auditKey(stores, organizationId),
      await stores.wrappedKeys.findCurrent(organizationId, 'audit'),
    ]);
    const key = hex(audit.revealBytes());
    expect(row).toBeDefined();
    expect(hex(row?.wrapped ?? new Uint8Array())).not.toContain(key);
    expect(JSON.stringify(audit)).toBe('"[redacted]"');
  });

  it('that are missing are an error, not made anew', async () => {
    const { reopen } = await makeKeys();
    for (const ask of [
      (stores: Stores) => reopen().auditKey(stores, 'org_without'),
      (stores: Stores) => reopen().sealingKey(stores, 'org_without'),
      (stores: Stores) => reopen().dataKey(stores, 'org_without', 1),
    ])
      await expect(write<unknown>(ask)).rejects.toMatchObject({ code: 'key_unreadable' });
  });

  it('are made once: a second time is refused by the database', async () => {
    const { organizationId, keyring } = await makeKeys();
    await expect(
      write((stores) => keyring.createKeys(stores, organizationId, ['audit'])),
    ).rejects.toBeInstanceOf(Error);
  });
});

describe('a data key', () => {
  it('R-045 that has sealed as much as it may gives way to the next generation, and stays readable', async () => {
    const { organizationId, keyring, reopen } = await makeKeys();
    const first = await write((stores) => keyring.sealingKey(stores, organizationId));
    await write((stores) => keyring.countSeals(stores, first, SEALS_PER_DATA_KEY - 1));
    const still = await write((stores) => keyring.sealingKey(stores, organizationId));
    expect(still.generation).toBe(1);
    await write((stores) => keyring.countSeals(stores, first, 1));
    const next = await write((stores) => keyring.sealingKey(stores, organizationId));
    expect(next.generation).toBe(2);
    const again = await write((stores) => reopen().dataKey(stores, organizationId, 1));
    expect(again.id).toBe(first.id);
  });
});

describe('a root key that was rotated beside this process', () => {
  it('R-045 wraps what is made from then on', async () => {
    const { organizationId, rootKey } = await makeKeys();
    const newer = makeRootKey();
    let current = rootKey;
    const keys: RootKeys = {
      current: () => current,
      find: (id) => [rootKey, newer].find((key) => key.id === id),
      reload: () => Promise.resolve(void (current = newer)),
    };
    const keyring = new Keyring(keys, clock);
    const made = await write((stores) => keyring.addDataKey(stores, organizationId, 2));
    const row = await write((stores) => stores.wrappedKeys.find(organizationId, 'data', made.generation));
    expect(row?.rootKeyId).toBe(newer.id);
  });

  it('R-044 has to be there at the start while it wraps anything', async () => {
    const { rootKey, reopen } = await makeKeys();
    const wrapsAll = await write(async ({ wrappedKeys }) => wrappedKeys.listRootKeyIds());
    expect(wrapsAll).toContain(rootKey.id);
    const prove = write((stores) => reopen().proveRootKeys(stores));
    await expect(prove).rejects.toThrow(/which was not given/);
  });
});

describe('keys of a transaction that was undone', () => {
  it('R-307 are not used any more once their like is made again', async () => {
    const { organizationId, rootKey } = { organizationId: 'org_keyring_undone', rootKey: makeRootKey() };
    const keyring = new Keyring(rootKeysOf(rootKey), clock);
    const make = async (stores: Stores) => {
      await keyring.createKeys(stores, organizationId, ['data', 'audit', 'fingerprint']);
      return readAll(keyring, stores);
    };
    const readAll = async (from: Keyring, stores: Stores) => [
      hex((await from.auditKey(stores, organizationId)).revealBytes()),
      hex((await from.fingerprintKey(stores, organizationId)).revealBytes()),
      (await from.dataKey(stores, organizationId, 1)).id,
    ];
    const undone = write(async (stores) => {
      await make(stores);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    const used = await write(make);
    const stored = await write((stores) => readAll(new Keyring(rootKeysOf(rootKey), clock), stores));
    expect(used).toEqual(stored);
  });
});

describe('root keys', () => {
  it('R-044 a row under another root key is looked for once, then refused without a key in the words', async () => {
    const { organizationId, reopen } = await makeKeys();
    const wrong = rootKeysOf(makeRootKey());
    const refused = write((stores) => reopen(wrong).auditKey(stores, organizationId));
    await expect(refused).rejects.toMatchObject({ code: 'key_unreadable' });
    expect(wrong.reloads).toBe(1);
  });

  it('R-267 that cannot be read again leave the key unreadable; why is for the log and not for the caller', async () => {
    const { organizationId, reopen } = await makeKeys();
    const reload = () => Promise.reject(new Error('EACCES: /etc/coffer/root.key'));
    const asked = write((stores) =>
      reopen({ ...rootKeysOf(makeRootKey()), reload }).auditKey(stores, organizationId),
    );
    const refused = await refusalOf(asked);
    expect(refused).toMatchObject({
      code: 'key_unreadable',
      cause: { message: expect.stringContaining('EACCES') as string },
    });
    expect(`${refused.message} ${refused.hint ?? ''}`).not.toContain('/etc/coffer');
    expect(refused.message).toContain(organizationId);
    expect(refused.hint).toContain('operator');
  });

  it('R-045 a root key that was added while running is found', async () => {
    const { organizationId, rootKey, keyring, reopen } = await makeKeys();
    const keys = rootKeysOf(makeRootKey(), [rootKey]);
    const found = await write((stores) => reopen(keys).auditKey(stores, organizationId));
    const known = await write((stores) => keyring.auditKey(stores, organizationId));
    expect(hex(found.revealBytes())).toBe(hex(known.revealBytes()));
    expect(keys.reloads).toBe(1);
  });

  it('R-045 what is wrapped anew opens with the new root key alone, and is the same key', async () => {
    const { organizationId, rootKey, keyring, reopen } = await makeKeys();
    const read = (from: Keyring) =>
      write(async (stores) => [
        hex((await from.auditKey(stores, organizationId)).revealBytes()),
        hex((await from.fingerprintKey(stores, organizationId)).revealBytes()),
        (await from.dataKey(stores, organizationId, 1)).id,
      ]);
    const before = await read(keyring);
    const newKey = makeRootKey();
    const both = reopen(rootKeysOf(newKey, [rootKey]));
    for (let times = 0; times < 2; times += 1)
      await write(async (stores) => {
        for (const purpose of ['data', 'audit', 'fingerprint'] as const) {
          const row = await stores.wrappedKeys.findCurrent(organizationId, purpose);
          if (row !== undefined) await both.rewrap(stores, row);
        }
      });
    expect(await read(reopen(rootKeysOf(newKey)))).toEqual(before);
    const onlyOld = write((stores) => reopen().auditKey(stores, organizationId));
    await expect(onlyOld).rejects.toMatchObject({ code: 'key_unreadable' });
  });

  it('R-308 a wrapped row that was changed, or put in another organization’s place, does not open', async () => {
    const { organizationId, rootKey, reopen } = await makeKeys();
    const moved = 'org_keyring_moved';
    await write(async (stores) => {
      const row = await stores.wrappedKeys.findCurrent(organizationId, 'audit');
      if (row === undefined) throw new Error('There is no row');
      await stores.wrappedKeys.insert({ ...row, id: `${row.id}M`, organizationId: moved });
      const changed = Uint8Array.from(row.wrapped);
      changed.set([(changed.at(-1) ?? 0) ^ 1], changed.length - 1);
      await stores.wrappedKeys.rewrap(row.id, changed, rootKey.id);
    });
    for (const id of [organizationId, moved])
      await expect(write((stores) => reopen().auditKey(stores, id))).rejects.toMatchObject({
        code: 'key_unreadable',
      });
  });
});
