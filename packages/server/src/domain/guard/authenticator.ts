import { CofferError, type KeyId, type SessionId } from '@coffer/contract';
import { findTokenPrefix, hashToken, type TokenPrefix } from '@coffer/crypto';
import { LRUCache } from 'lru-cache';
import { instanceChain } from '../audit/port.ts';
import { splitToken } from './link-token.ts';
import { signInEvent } from '../sessions/events.ts';
import type { Caller, Origin } from './caller.ts';
import { FailureCounts } from './failure-counts.ts';
import type { Guard } from './guard.ts';
import { loadSnapshot, type CredentialType, type Snapshot } from './load-caller.ts';

const typeOfPrefix: Partial<Record<TokenPrefix, CredentialType>> = {
  cfr_ses: 'person',
  cfr_key: 'key',
  cfr_run: 'workload',
};

const cachedCallers = 20_000;

/**
 * Turns a token into a caller. What a token was last found to be is remembered with the organization's
 * change counter; the guard compares that counter inside the transaction before anything is done, so a
 * remembered caller is never more than a guess that is checked.
 */
export class Authenticator {
  readonly #guard: Guard;
  readonly #snapshots = new LRUCache<string, Snapshot>({ max: cachedCallers });
  readonly #keyUses = new Map<KeyId, number>();
  readonly #sessionUses = new Map<SessionId, number>();
  readonly #failures = new FailureCounts();

  constructor(guard: Guard) {
    this.#guard = guard;
    guard.onReload((snapshot) => this.#snapshots.set(snapshot.rememberedAs, snapshot));
  }

  /** Throws `not_authenticated`; a token that is not one of ours is refused without a look-up. */
  async authenticate(
    token: string | undefined,
    organization: string | null,
    origin: Origin,
  ): Promise<Caller> {
    if (token === undefined || token === '') throw missing();
    const { workloadId, secret } = splitToken(token);
    const tokenHash = hashToken(secret);
    const whose = workloadId === null ? tokenHash : `${workloadId}.${tokenHash}`;
    const rememberedAs = organization === null ? whose : `${whose}/${organization}`;
    const known = this.#snapshots.get(rememberedAs);
    if (known !== undefined) {
      this.#noteUse(known);
      return { ...known, guard: this.#guard, origin };
    }
    try {
      const prefix = findTokenPrefix(secret);
      const type = prefix === undefined ? undefined : typeOfPrefix[prefix];
      if (type === undefined || (type === 'workload') !== (workloadId !== null)) throw missing();
      const now = this.#guard.clock.now();
      const snapshot = await this.#guard.database.read(async (stores) =>
        loadSnapshot(stores, { type, tokenHash, workloadId, organization, rememberedAs }, now),
      );
      if (snapshot.organizationId !== null) this.#snapshots.set(rememberedAs, snapshot);
      this.#noteUse(snapshot);
      return { ...snapshot, guard: this.#guard, origin };
    } catch (error) {
      if (error instanceof CofferError && error.code === 'not_authenticated')
        await this.#recordFailure(origin);
      throw error;
    }
  }

  /** A credential that was good when remembered and is not any more. */
  async reject(caller: Caller): Promise<void> {
    this.#snapshots.delete(caller.rememberedAs);
    await this.#recordFailure(caller.origin);
  }

  /** Writes down when keys and sessions were last used; kept in memory between two calls. */
  async saveUses(): Promise<void> {
    if (this.#keyUses.size + this.#sessionUses.size === 0) return;
    const keys = new Map(this.#keyUses);
    const sessions = new Map(this.#sessionUses);
    this.#keyUses.clear();
    this.#sessionUses.clear();
    await this.#guard.database.commit(async (stores) => {
      await stores.keys.touch(keys);
      for (const [id, at] of sessions) await stores.sessions.touch(id, at);
    });
  }

  /** One event for the failures that got none of their own and that no later one has counted. */
  async saveFailures(): Promise<void> {
    const suppressed = this.#failures.take();
    if (suppressed > 0) await this.#appendFailure({ address: null, requestId: null }, suppressed);
  }

  #noteUse(snapshot: Snapshot): void {
    if (snapshot.type === 'key') this.#keyUses.set(snapshot.keyId, this.#guard.clock.now());
    if (snapshot.type === 'person') this.#sessionUses.set(snapshot.sessionId, this.#guard.clock.now());
  }

  async #recordFailure(origin: Origin): Promise<void> {
    const noted = this.#failures.note(origin.address ?? 'unknown', this.#guard.clock.now());
    if (noted !== undefined) await this.#appendFailure(origin, noted.suppressed);
  }

  async #appendFailure(origin: Origin, suppressed: number): Promise<void> {
    const now = this.#guard.clock.now();
    await this.#guard.database.commit(
      async (_stores, ledger) => {
        await ledger.open(instanceChain);
        ledger.append(
          signInEvent({
            now,
            origin,
            chain: instanceChain,
            outcome: 'refused',
            person: undefined,
            action: 'authenticate',
            details: suppressed === 0 ? {} : { suppressed },
          }),
        );
      },
      { chains: [instanceChain] },
    );
  }
}

const missing = (): CofferError =>
  new CofferError('not_authenticated', {
    detail: 'The request carries no credential that Coffer knows.',
    hint: 'Log in with: coffer login --local (on the server’s host), or set COFFER_API_KEY.',
  });
