import { mkdir } from 'node:fs/promises';
import { Authenticator } from './domain/guard/authenticator.ts';
import type { OperatorCaller } from './domain/guard/caller.ts';
import { Guard } from './domain/guard/guard.ts';
import { Ledger } from './domain/audit/ledger.ts';
import { instanceChain } from './domain/audit/port.ts';
import type { Clock } from './domain/clock.ts';
import { Keyring } from './domain/keyring/keyring.ts';
import { createOrganization } from './domain/organizations/create.ts';
import { signInEvent } from './domain/sessions/events.ts';
import type { ServerConfig } from './config.ts';
import { openConfiguredRootKeys, type OpenedRootKeys } from './root-key.ts';
import { openDatabase, type StoredDatabase } from './storage/database.ts';

/** The database behind its guard, with the root keys that open it. */
export interface OpenHouse {
  readonly guard: Guard;
  readonly authenticator: Authenticator;
  readonly database: StoredDatabase<Ledger>;
  readonly rootKeys: OpenedRootKeys;
  /** True where this start made the first organization. */
  readonly isFirstStart: boolean;
  close(): Promise<void>;
}

/** Whoever works on the server's own host with its data directory and root key. */
export const operatorOf = (
  guard: Guard,
  organizationId: OperatorCaller['organizationId'],
): OperatorCaller => ({
  type: 'operator',
  guard,
  origin: { address: null, requestId: null },
  organizationId,
  organizationSlug: null,
  changes: 0,
  tokenHash: '',
  expiresAt: Number.MAX_SAFE_INTEGER,
  rememberedAs: '',
});

/** The first commit of an instance: its audit key, the first organization and owner. */
const createInstance = async (
  database: StoredDatabase<Ledger>,
  keyring: Keyring,
  first: { config: ServerConfig; now: number },
): Promise<boolean> =>
  database.commit(async (stores, ledger) => {
    if ((await stores.organizations.count()) > 0) return false;
    const { config, now } = first;
    await keyring.createKeys(stores, instanceChain, ['audit']);
    await ledger.open(instanceChain);
    const id = await createOrganization(stores, keyring, {
      slug: config.organization,
      name: config.organization,
      ownerEmail: config.owner,
      now,
    });
    await ledger.open(id);
    ledger.append({
      ...signInEvent({
        now,
        origin: { address: null, requestId: null },
        chain: id,
        outcome: 'done',
        person: undefined,
        action: 'organization.create',
        details: { slug: config.organization, owner: config.owner },
      }),
      actorType: 'operator',
      actorId: 'operator',
      actorName: 'operator',
    });
    return true;
  });

/**
 * Opens the database and its keys, and makes the first organization where there is none. Throws
 * `root_key_invalid`, `database_too_new`, `storage_unavailable`.
 */
export const openHouse = async (config: ServerConfig, clock: Clock): Promise<OpenHouse> => {
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  let keyring: Keyring | undefined;
  const keys = (): Keyring => {
    if (keyring === undefined) throw new Error('The keyring is used before the root key is open');
    return keyring;
  };
  const database = await openDatabase(config.database)((stores) => new Ledger(stores, keys()));
  try {
    const isEmpty = (await database.read(async (stores) => stores.organizations.count())) === 0;
    const rootKeys = await openConfiguredRootKeys(config, isEmpty);
    keyring = new Keyring(rootKeys.rootKeys, clock);
    const isFirstStart = isEmpty && (await createInstance(database, keyring, { config, now: clock.now() }));
    await proveRootKey(database, keyring);
    const guard = new Guard({ database, clock, keyring });
    return {
      guard,
      authenticator: new Authenticator(guard),
      database,
      rootKeys,
      isFirstStart,
      close: async () => database.close(),
    };
  } catch (error) {
    await database.close();
    throw error;
  }
};

/** A wrong root key stops the start, not the first request. */
const proveRootKey = async (database: StoredDatabase<Ledger>, keyring: Keyring): Promise<void> => {
  await database.read(async (stores) => keyring.auditKey(stores, instanceChain));
};
