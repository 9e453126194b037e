import { CofferError, type OrganizationId } from '@coffer/contract';
import type { Ledger } from '../audit/ledger.ts';
import type { Clock } from '../clock.ts';
import type { Keyring } from '../keyring/keyring.ts';
import type { Database } from '../stores.ts';
import { AccessRows } from './access-rows.ts';
import type { Caller } from './caller.ts';
import { Operation, Reading } from './operation.ts';
import { loadCaller, type Snapshot } from './load-caller.ts';

export type GuardedDatabase = Database<Ledger>;

type Act<Result> = (operation: Operation) => Promise<Result>;

/** A job that can tell what it will read, so that it is read together with what other jobs of the batch read. */
export interface ForeseeingJob<Result> {
  readonly act: Act<Result>;
  /** Decides nothing, writes nothing, and need not run. */
  readonly readAhead: (operation: Operation) => Promise<void>;
  /** Whether it writes values alone, besides its event: see `CommitOptions`. */
  readonly onlyAppends: boolean;
}

/**
 * The one way to the stores. Every operation runs here: the caller is checked against the change
 * counter, the operation decides, acts and records inside one transaction, and what did not decide
 * or did not record fails. A refusal is recorded after the operation's own changes are undone.
 */
export class Guard {
  readonly #database: GuardedDatabase;
  readonly #listeners = new Set<(organizationId: OrganizationId) => void>();
  readonly accessRows = new AccessRows();
  #remember: (snapshot: Snapshot) => void = () => undefined;
  readonly clock: Clock;
  readonly keyring: Keyring;

  constructor(parts: { database: GuardedDatabase; clock: Clock; keyring: Keyring }) {
    this.#database = parts.database;
    this.clock = parts.clock;
    this.keyring = parts.keyring;
  }

  /** Reads without leaving a trace in the audit trail, unless it is refused: lists and the like. */
  async read<Result>(caller: Caller, query: (reading: Reading) => Promise<Result>): Promise<Result> {
    let refused: Reading | undefined;
    try {
      return await this.#database.read(async (stores) => {
        const now = this.clock.now();
        const fresh = await loadCaller(stores, caller, { now });
        const reading = new Reading(fresh, stores, now);
        refused = reading;
        const result = await query(reading);
        if (!reading.hasDecided()) throw undecided();
        return result;
      });
    } catch (error) {
      if (error instanceof CofferError && error.code === 'forbidden' && refused !== undefined)
        await this.#recordRefusedRead(refused);
      throw error;
    }
  }

  /** A list that was refused is recorded under the act that was. */
  async #recordRefusedRead({ caller, now, refusalFacts }: Reading): Promise<void> {
    const { organizationId } = caller;
    if (organizationId === null) return;
    const action = String(refusalFacts.details?.['act']);
    await this.#database.commit(async (stores, ledger) => {
      await ledger.open(organizationId);
      const operation = new Operation({ caller, stores, now }, action, { ledger, keyring: this.keyring });
      operation.concerning(refusalFacts);
      operation.recordRefusal('forbidden');
    }, chainsOf(caller));
  }

  /** Changes something, or reads something that leaves a trace. The job must decide and record. */
  async write<Result>(
    caller: Caller,
    action: string,
    job: Act<Result> | ForeseeingJob<Result>,
  ): Promise<Result> {
    const { act, readAhead, onlyAppends } =
      typeof job === 'function' ? { act: job, readAhead: undefined, onlyAppends: false } : job;
    let operation: Operation | undefined;
    const parts = { keyring: this.keyring, computed: new Map<string, Promise<string>>() };
    return this.#database.commit(
      async (stores, ledger) => {
        operation = undefined;
        if (caller.organizationId !== null) await ledger.open(caller.organizationId);
        const fresh = await loadCaller(stores, caller, { now: this.clock.now(), ledger });
        const base = { caller: fresh, stores, now: this.clock.now() };
        operation = new Operation(base, action, { ledger, ...parts });
        const result = await act(operation);
        if (!operation.hasDecided() || !operation.hasRecorded()) throw undecided();
        await caller.keepAnswer?.(stores, result);
        if (operation.hasChanged()) this.#notify(ledger, fresh.organizationId);
        return result;
      },
      {
        ...chainsOf(caller),
        onlyAppends: onlyAppends && caller.keepAnswer === undefined,
        readAhead: async (stores, ledger) => {
          if (caller.organizationId === null || readAhead === undefined) return;
          try {
            await ledger.open(caller.organizationId);
            const base = { caller, stores, now: this.clock.now() };
            await readAhead(new Operation(base, action, { ledger, ...parts }));
          } catch (error) {
            // The job meets it again, and answers for it alone.
            if (!(error instanceof CofferError) || error.code === 'storage_unavailable') throw error;
          }
        },
        afterFailure: (error) => {
          if (!(error instanceof CofferError) || operation === undefined) return;
          if (operation.caller.organizationId !== null) operation.recordRefusal(error.code);
        },
      },
    );
  }

  /** The batch itself, for the hot path of workload starts, which keeps to the same order of steps. */
  get database(): GuardedDatabase {
    return this.#database;
  }

  /** Called after every commit that moved the change counter of an organization. */
  onChange(listener: (organizationId: OrganizationId) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A caller whose remembered form was out of date has been loaded anew. */
  remember(snapshot: Snapshot): void {
    this.#remember(snapshot);
  }

  onReload(listener: (snapshot: Snapshot) => void): void {
    this.#remember = listener;
  }

  #notify(ledger: Ledger, organizationId: OrganizationId | null): void {
    if (organizationId === null || this.#listeners.size === 0) return;
    ledger.afterCommit(() => {
      for (const listener of this.#listeners) listener(organizationId);
    });
  }
}

const chainsOf = ({ organizationId }: Caller): { readonly chains?: readonly string[] } =>
  organizationId === null ? {} : { chains: [organizationId] };

const undecided = (): CofferError =>
  new CofferError('internal', {
    detail: 'An operation ended without a decision or a record and was undone.',
  });
