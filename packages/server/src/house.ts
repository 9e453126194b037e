import { existsSync } from 'node:fs';
import { CofferError } from '@coffer/contract';
import { AuditHeadFile } from './audit-head-file.ts';
import { Authenticator } from './domain/guard/authenticator.ts';
import { Guard } from './domain/guard/guard.ts';
import { Ledger } from './domain/audit/ledger.ts';
import { LatestHeads } from './domain/audit/latest-heads.ts';
import { instanceChain } from './domain/audit/port.ts';
import type { Clock } from './domain/clock.ts';
import { Keyring } from './domain/keyring/keyring.ts';
import { createOrganization } from './domain/organizations/create.ts';
import { signInEvent } from './domain/sessions/events.ts';
import type { ServerConfig } from './config.ts';
import { makeDataFolder } from './data-folder.ts';
import { openConfiguredRootKeys, type OpenedRootKeys } from './root-key.ts';
import { openDatabase, type StoredDatabase } from './storage/database.ts';

/** The database behind its guard, with the root keys that open it. */
export interface OpenHouse {
  readonly guard: Guard;
  readonly authenticator: Authenticator;
  readonly database: StoredDatabase<Ledger>;
  readonly latestHeads: LatestHeads;
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

const holdsNothing = async (database: StoredDatabase<Ledger>): Promise<boolean> =>
  (await database.read(async (stores) => stores.organizations.count())) === 0;

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
 * must be there already (`existing`). Throws `root_key_invalid`, `key_unreadable`, `database_too_new`,
 * `storage_unavailable`.
 */
export const openHouse = async (
  config: ServerConfig,
  clock: Clock,
  { existing = false } = {},
): Promise<OpenHouse> => {
  if (existing && 'sqlite' in config.database && !existsSync(config.database.sqlite.path)) {
    throw noInstance(config);
  }
  await makeDataFolder(config);
  const latestHeads = new LatestHeads();
  let keyring: Keyring | undefined;
  const keys = (): Keyring => {
    if (keyring === undefined) throw new Error('The keyring is used before the root key is open');
    return keyring;
  };
  const database = await openDatabase(config.database)(
    (stores, after?: Ledger) => new Ledger(stores, keys(), { after, latest: latestHeads }),
  );
  try {
    const isEmpty = await holdsNothing(database);
    if (isEmpty && existing) throw noInstance(config);
    if (isEmpty) await refuseLost(database, config);
    const rootKeys = await openConfiguredRootKeys(config, isEmpty);
    keyring = new Keyring(rootKeys.rootKeys, clock);
    const isFirstStart = isEmpty && (await createInstance(database, keyring, { config, now: clock.now() }));
    // Another server was faster: keys of an instance that was not made must not stay in memory.
    if (isEmpty && !isFirstStart) keyring = new Keyring(rootKeys.rootKeys, clock);
    await proveRootKeys(database, keyring);
    const guard = new Guard({ database, clock, keyring });
    return {
      guard,
      authenticator: new Authenticator(guard),
      database,
      latestHeads,
      rootKeys,
      isFirstStart,
      close: async () => database.close(),
    };
  } catch (error) {
    await database.close();
    throw error;
  }
};

/** A root key that is missing, or an instance whose own key does not open, stops the start and not a request later. */
const proveRootKeys = async (database: StoredDatabase<Ledger>, keyring: Keyring): Promise<void> => {
  await database.read(async (stores) => {
    await keyring.proveRootKeys(stores);
    await keyring.auditKey(stores, instanceChain);
  });
};

/** An empty database where audit heads were kept is another one than was meant, or what is left of it. */
const refuseLost = async (
  database: StoredDatabase<Ledger>,
  { auditHeadFile }: ServerConfig,
): Promise<void> => {
  const kept = Object.values(await new AuditHeadFile(auditHeadFile).read());
  const newest = kept.toSorted((one, other) => one.at.localeCompare(other.at)).at(-1);
  // Another server may have made the instance just now, and kept its heads.
  if (newest === undefined || !(await holdsNothing(database))) return;
  throw new CofferError('usage_error', {
    detail: `The database is empty, but ${auditHeadFile} keeps the end of an audit trail from ${newest.at}.`,
    hint: 'Look whether the right volume is mounted and --data-dir or --database names the right place, or restore a backup: coffer server restore FILE. To begin anew, move that file away.',
  });
};
