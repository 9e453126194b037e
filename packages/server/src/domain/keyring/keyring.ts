import { CofferError } from '@coffer/contract';
import {
  createDataKey,
  createKeyBytes,
  encodeBinding,
  isExhausted,
  unwrapDataKey,
  unwrapKey,
  wrapDataKey,
  wrapKey,
  type DataKey,
  type RootKey,
  type SecretBytes,
} from '@coffer/crypto';
import type { Clock } from '../clock.ts';
import { instanceChain } from '../audit/port.ts';
import { createId } from '../ids.ts';
import type { Stores } from '../stores.ts';
import type { KeyPurpose, WrappedKey } from './port.ts';

type PlainPurpose = Exclude<KeyPurpose, 'data'>;

/** Where root keys come from; `reload` looks again, for a key that was added while running. */
export interface RootKeys {
  /** The key that wraps whatever is wrapped from now on. */
  current(): RootKey;
  find(id: string): RootKey | undefined;
  reload(): Promise<void>;
}

/**
 * The opened keys of every organization, kept in memory only. Wrapped rows are read once per key and
 * process; a row wrapped by an unknown root key makes the ring look for new root keys once, then fail. A key
 * that is asked for and cannot be opened is `key_unreadable`: nothing takes its place.
 */
export class Keyring {
  readonly #rootKeys: RootKeys;
  readonly #clock: Clock;
  readonly #dataKeys = new Map<string, DataKey>();
  readonly #plainKeys = new Map<string, SecretBytes>();

  constructor(rootKeys: RootKeys, clock: Clock) {
    this.#rootKeys = rootKeys;
    this.#clock = clock;
  }

  auditKey(stores: Stores, chain: string): Promise<SecretBytes> {
    return this.#plainKey(stores, chain, 'audit');
  }

  fingerprintKey(stores: Stores, organizationId: string): Promise<SecretBytes> {
    return this.#plainKey(stores, organizationId, 'fingerprint');
  }

  /** Throws `root_key_invalid` unless every wrapped key's root key is there. */
  async proveRootKeys(stores: Stores): Promise<void> {
    for (const rootKeyId of await stores.wrappedKeys.listRootKeyIds()) {
      if ((await this.#findRootKey(rootKeyId)) !== undefined) continue;
      throw new CofferError('root_key_invalid', {
        detail: `The database is under root key ${rootKeyId}, which was not given.`,
        hint: 'Point --root-key-file at the key this database was made with. Without it nothing can be opened.',
      });
    }
  }

  /** The key to seal with now; makes the next generation where this one is used up. */
  async sealingKey(stores: Stores, organizationId: string): Promise<DataKey> {
    const row = await stores.wrappedKeys.findCurrent(organizationId, 'data');
    if (row === undefined) throw missing({ organizationId, purpose: 'data' });
    if (isExhausted(row.seals)) return this.addDataKey(stores, organizationId, row.generation + 1);
    return this.#openDataKey(row);
  }

  async dataKey(stores: Stores, organizationId: string, generation: number): Promise<DataKey> {
    const key = await this.findDataKey(stores, organizationId, generation);
    if (key === undefined) throw missing({ organizationId, purpose: 'data', generation });
    return key;
  }

  async findDataKey(
    stores: Stores,
    organizationId: string,
    generation: number,
  ): Promise<DataKey | undefined> {
    const known = this.#dataKeys.get(`${organizationId}/${generation}`);
    if (known !== undefined) return known;
    const row = await stores.wrappedKeys.find(organizationId, 'data', generation);
    return row === undefined ? undefined : this.#openDataKey(row);
  }

  countSeals(stores: Stores, key: DataKey, count: number): Promise<void> {
    return stores.wrappedKeys.addSeals(key.id, count);
  }

  /** The keys a new organization (or the instance, which seals nothing) starts with; made once, never again. */
  async createKeys(stores: Stores, organizationId: string, purposes: readonly KeyPurpose[]): Promise<void> {
    for (const purpose of purposes) {
      if (purpose === 'data') await this.addDataKey(stores, organizationId, 1);
      else await this.#addPlainKey(stores, organizationId, purpose);
    }
  }

  /** Adds a generation; the one before stays readable until its values are re-sealed. */
  async addDataKey(stores: Stores, organizationId: string, generation: number): Promise<DataKey> {
    const now = this.#clock.now();
    const rootKey = await this.#newestRootKey();
    const key = createDataKey({ id: createId('dataKey', now), organizationId, generation });
    // A key of this place that is known was made in a transaction that was undone.
    this.#dataKeys.delete(`${organizationId}/${generation}`);
    await stores.wrappedKeys.insert({
      id: key.id,
      organizationId,
      purpose: 'data',
      generation,
      rootKeyId: rootKey.id,
      wrapped: wrapDataKey(rootKey, key),
      seals: 0,
      createdAt: now,
      retiredAt: null,
    });
    return key;
  }

  /** The same key, wrapped by the current root key. */
  async rewrap(stores: Stores, row: WrappedKey): Promise<void> {
    const rootKey = this.#rootKeys.current();
    if (row.rootKeyId === rootKey.id) return;
    const wrapped =
      row.purpose === 'data'
        ? wrapDataKey(rootKey, await this.#openDataKey(row))
        : wrapKey(rootKey, await this.#openPlainKey(row), bindPlainKey(row));
    await stores.wrappedKeys.rewrap(row.id, wrapped, rootKey.id);
  }

  async #plainKey(stores: Stores, organizationId: string, purpose: PlainPurpose): Promise<SecretBytes> {
    const known = this.#plainKeys.get(`${organizationId}/${purpose}`);
    if (known !== undefined) return known;
    const row = await stores.wrappedKeys.findCurrent(organizationId, purpose);
    if (row === undefined) throw missing({ organizationId, purpose });
    return this.#openPlainKey(row);
  }

  async #addPlainKey(stores: Stores, organizationId: string, purpose: PlainPurpose): Promise<void> {
    const now = this.#clock.now();
    const rootKey = await this.#newestRootKey();
    const id = createId('dataKey', now);
    this.#plainKeys.delete(`${organizationId}/${purpose}`);
    await stores.wrappedKeys.insert({
      id,
      organizationId,
      purpose,
      generation: 1,
      rootKeyId: rootKey.id,
      wrapped: wrapKey(rootKey, createKeyBytes(), bindPlainKey({ id, organizationId, purpose })),
      seals: 0,
      createdAt: now,
      retiredAt: null,
    });
  }

  async #openDataKey(row: WrappedKey): Promise<DataKey> {
    const place = `${row.organizationId}/${row.generation}`;
    const known = this.#dataKeys.get(place);
    if (known?.id === row.id) return known;
    const { id, organizationId, generation } = row;
    const opened = unwrapDataKey(await this.#rootKeyOf(row), row.wrapped, { id, organizationId, generation });
    if (!opened.ok) throw damaged(row);
    this.#dataKeys.set(place, opened.value);
    return opened.value;
  }

  async #openPlainKey(row: WrappedKey): Promise<SecretBytes> {
    const opened = unwrapKey(await this.#rootKeyOf(row), row.wrapped, bindPlainKey(row));
    if (!opened.ok) throw damaged(row);
    this.#plainKeys.set(`${row.organizationId}/${row.purpose}`, opened.value);
    return opened.value;
  }

  /** Looked for again, as a rotation beside this process may have put another in front: what the old one wraps now is lost with it. */
  async #newestRootKey(): Promise<RootKey> {
    await this.#rootKeys.reload();
    return this.#rootKeys.current();
  }

  async #rootKeyOf(row: WrappedKey): Promise<RootKey> {
    let cause: unknown;
    const found = await this.#findRootKey(row.rootKeyId).catch((error: unknown) => {
      cause = error;
      return undefined;
    });
    if (found !== undefined) return found;
    throw unreadable(
      {
        detail: `The ${nameOf(row)} is under root key ${row.rootKeyId}, which this server was not given.`,
        hint: `The server’s operator adds that root key to the root key file, below the first one, or to COFFER_ROOT_KEY. ${seeOperations}`,
      },
      cause,
    );
  }

  async #findRootKey(id: string): Promise<RootKey | undefined> {
    const known = this.#rootKeys.find(id);
    if (known !== undefined) return known;
    await this.#rootKeys.reload();
    return this.#rootKeys.find(id);
  }
}

const bindPlainKey = ({
  id,
  organizationId,
  purpose,
}: Pick<WrappedKey, 'id' | 'organizationId' | 'purpose'>) =>
  encodeBinding(purpose === 'audit' ? 'audit_key' : 'fingerprint_key', { organizationId, keyId: id });

type Named = Pick<WrappedKey, 'organizationId' | 'purpose'> & Partial<Pick<WrappedKey, 'generation'>>;

const nameOf = ({ organizationId, purpose, generation }: Named): string => {
  const numbered = purpose === 'data' && generation !== undefined ? ` ${generation}` : '';
  const owner = organizationId === instanceChain ? 'the instance' : `organization ${organizationId}`;
  return `${purpose} key${numbered} of ${owner}`;
};

const seeOperations = 'What else to do: “When a key does not open” in docs/operations.md.';
const restoreIt = `The server’s operator restores it from a backup. ${seeOperations}`;

const unreadable = (details: { detail: string; hint: string }, cause?: unknown): CofferError =>
  new CofferError('key_unreadable', details, { cause });

const missing = (key: Named): CofferError =>
  unreadable({ detail: `The ${nameOf(key)} is missing from the database.`, hint: restoreIt });

/** Not a matter of the root key: its id, which the row names, is derived from it. */
const damaged = (row: WrappedKey): CofferError =>
  unreadable({
    detail: `The ${nameOf(row)} does not open: its row was changed outside Coffer.`,
    hint: restoreIt,
  });
