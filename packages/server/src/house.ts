import { existsSync } from 'node:fs';
import { CofferError } from '@coffer/contract';
import { Authenticator } from './domain/guard/authenticator.ts';
import { Guard } from './domain/guard/guard.ts';
import { Ledger } from './domain/audit/ledger.ts';
import { instanceChain } from './domain/audit/port.ts';
import type { Clock } from './domain/clock.ts';
import { Keyring } from './domain/keyring/keyring.ts';
import { createOrganization } from './domain/organizations/create.ts';
import { signInEvent } from './domain/sessions/events.ts';
import type { ServerConfig } from './config.ts';
import { makeFolder } from './files/durable.ts';
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

/** Work on the host never makes an instance by mistake: a wrong --data-dir is said, not filled. */
const noInstance = ({ database, dataDir }: ServerConfig): CofferError =>
  new CofferError('usage_error', {
    detail:
      'sqlite' in database
        ? `There is no database of Coffer in ${dataDir}.`
        : 'The database holds no Coffer yet; a first start fills it.',
    hint: 'Name the one the server uses: --data-dir DIR, or --database URL.',
  });

/**
 * Opens the database and its keys, and makes the first organization where there is none, unless it
 * must be there already (`existing`). Throws `root_key_invalid`, `database_too_new`, `storage_unavailable`.
 */
export const openHouse = async (
  config: ServerConfig,
  clock: Clock,
  { existing = false } = {},
): Promise<OpenHouse> => {
  if (existing && 'sqlite' in config.database && !existsSync(config.database.sqlite.path)) {
    throw noInstance(config);
  }
  await makeFolder(config.dataDir);
  let keyring: Keyring | undefined;
  const keys = (): Keyring => {
    if (keyring === undefined) throw new Error('The keyring is used before the root key is open');
    return keyring;
  };
  const database = await openDatabase(config.database)(
    (stores, after?: Ledger) => new Ledger(stores, keys(), after),
  );
  try {
    const isEmpty = (await database.read(async (stores) => stores.organizations.count())) === 0;
    if (isEmpty && existing) throw noInstance(config);
    const rootKeys = await openConfiguredRootKeys(config, isEmpty);
    keyring = new Keyring(rootKeys.rootKeys, clock);
    const isFirstStart = isEmpty && (await createInstance(database, keyring, { config, now: clock.now() }));
    // Another server was faster: keys of an instance that was not made must not stay in memory.
    if (isEmpty && !isFirstStart) keyring = new Keyring(rootKeys.rootKeys, clock);
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
