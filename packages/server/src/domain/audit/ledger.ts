import { CofferError } from '@coffer/contract';
import { chainEvent, startChain, type SecretBytes } from '@coffer/crypto';
import type { Keyring } from '../keyring/keyring.ts';
import type { BatchScope, Stores } from '../stores.ts';
import type { Workload } from '../workloads/port.ts';
import { canonicalEvent } from './event.ts';
import type { LatestHeads } from './latest-heads.ts';
import type { AuditEvent, Head, Resolution } from './port.ts';

interface OpenChain {
  head: Head;
  /** The head as it was read. */
  readonly before: Head;
  readonly auditKey: SecretBytes;
}

interface Entry {
  readonly before: Head;
  readonly event?: AuditEvent;
  readonly resolution?: Resolution;
  readonly workload?: Workload;
  readonly afterCommit?: () => void;
}

/**
 * What one batch adds to the audit chains. Events, workloads and changes of the counter are kept in
 * memory until the batch is flushed; the heads are locked first, so that the counter a job compares
 * with cannot move before the batch is durable.
 */
export class Ledger implements BatchScope {
  readonly #stores: Stores;
  readonly #keyring: Keyring;
  readonly #latest: LatestHeads | undefined;
  readonly #chains = new Map<string, OpenChain>();
  readonly #opening = new Map<string, Promise<Head>>();
  /** Chains whose heads are stored, or compared with what is stored, with this batch. */
  readonly #touched = new Set<string>();
  /** Chains that begin where the batch before leaves them: whoever relies on one has it compared. */
  readonly #takenOver = new Set<string>();
  readonly #entries: Entry[] = [];

  /** `after`: the batch before this one, which is sent and not on disk yet; `latest`: where heads on disk are noted. */
  constructor(
    stores: Stores,
    keyring: Keyring,
    { after, latest }: { after?: Ledger | undefined; latest?: LatestHeads } = {},
  ) {
    this.#stores = stores;
    this.#keyring = keyring;
    this.#latest = latest;
    if (after === undefined) return;
    for (const chain of after.#touched) {
      const { head, auditKey } = after.#opened(chain);
      this.#chains.set(chain, { head, before: head, auditKey });
      this.#takenOver.add(chain);
    }
  }

  /** Locks a chain's head and returns it; a chain that has none yet starts here. */
  async open(chain: string): Promise<Head> {
    const known = this.#chains.get(chain);
    if (known !== undefined) {
      if (this.#takenOver.has(chain)) this.#touched.add(chain);
      return known.head;
    }
    const opening = this.#opening.get(chain) ?? this.#open(chain).finally(() => this.#opening.delete(chain));
    this.#opening.set(chain, opening);
    return opening;
  }

  async lock(chains: Iterable<string>): Promise<void> {
    for (const chain of [...chains].sort())
      try {
        await this.open(chain);
      } catch (error) {
        // The job meets it again, and answers for it alone.
        if (!(error instanceof CofferError) || error.code === 'storage_unavailable') throw error;
      }
  }

  async #open(chain: string): Promise<Head> {
    const auditKey = await this.#keyring.auditKey(this.#stores, chain);
    let [head] = await this.#stores.audit.lockHeads([chain]);
    if (head === undefined) {
      head = { chain, sequence: 0, mac: startChain(auditKey, chain), changes: 0, accessChanges: 0 };
      await this.#stores.audit.createHead(head);
    }
    this.#chains.set(chain, { head, before: head, auditKey });
    return head;
  }

  /** The head of a chain this batch has opened already, without waiting. */
  findHead(chain: string): Head | undefined {
    return this.#chains.get(chain)?.head;
  }

  /**
   * Names what decides access in this chain's organization as it is stored. Undefined where this batch has
   * changed it: that is not to be remembered before it is durable.
   */
  findAccessState(chain: string): string | undefined {
    const open = this.#chains.get(chain);
    return open !== undefined && open.head.accessChanges === open.before.accessChanges
      ? `${chain}/${open.before.accessChanges}`
      : undefined;
  }

  append(fields: Omit<AuditEvent, 'sequence' | 'mac'>): void {
    const open = this.#opened(fields.chain);
    const before = open.head;
    const unsigned = { ...fields, sequence: before.sequence + 1 };
    const mac = chainEvent(open.auditKey, before.mac, canonicalEvent(unsigned));
    open.head = { ...before, sequence: unsigned.sequence, mac };
    this.#entries.push({ before, event: { ...unsigned, mac } });
  }

  /** Something that decides access, and so resolution, has changed: every cache of this organization is void. */
  bumpAccess(chain: string): void {
    const open = this.#opened(chain);
    const before = open.head;
    const { changes, accessChanges } = before;
    open.head = { ...before, changes: changes + 1, accessChanges: accessChanges + 1 };
    this.#entries.push({ before });
  }

  /** Something that decides resolution alone has changed, such as a value: who may do what is as before. */
  bumpChanges(chain: string): void {
    const open = this.#opened(chain);
    const before = open.head;
    open.head = { ...before, changes: before.changes + 1 };
    this.#entries.push({ before });
  }

  insertWorkload(workload: Workload): void {
    const { head } = this.#opened(workload.organizationId);
    this.#entries.push({ before: head, workload });
  }

  /** The resolution of a set: one that this very batch stores, else the one that is stored already. */
  async findResolutionId(organizationId: string, digest: string): Promise<string | undefined> {
    const ours = this.#entries.find(
      ({ resolution }) => resolution?.digest === digest && resolution.organizationId === organizationId,
    );
    return ours?.resolution?.id ?? this.#stores.audit.findResolutionId(organizationId, digest);
  }

  insertResolution(resolution: Resolution): void {
    this.#entries.push({ before: this.#opened(resolution.organizationId).head, resolution });
  }

  afterCommit(act: () => void): void {
    const [open] = this.#chains.values();
    if (open === undefined) throw new Error('No chain is open in this batch');
    this.#entries.push({ before: open.head, afterCommit: act });
  }

  mark(): number {
    return this.#entries.length;
  }

  rollbackTo(mark: number): void {
    for (let at = this.#entries.length - 1; at >= mark; at -= 1) {
      const entry = this.#entries[at];
      const open = entry === undefined ? undefined : this.#chains.get(entry.before.chain);
      if (entry !== undefined && open !== undefined) open.head = entry.before;
    }
    this.#entries.length = mark;
  }

  async flush(): Promise<void> {
    const events: AuditEvent[] = [];
    const workloads: Workload[] = [];
    const resolutions: Resolution[] = [];
    for (const { before, event, workload, resolution, afterCommit } of this.#entries) {
      if (afterCommit === undefined) this.#touched.add(before.chain);
      if (resolution !== undefined) resolutions.push(resolution);
      if (event !== undefined) events.push(event);
      if (workload !== undefined) workloads.push(workload);
    }
    const { workloads: workloadStore, audit } = this.#stores;
    // Sent one after another without waiting in between; the engine keeps the order.
    await Promise.all([
      ...(resolutions.length > 0 ? [audit.insertResolutions(resolutions)] : []),
      ...(workloads.length > 0 ? [workloadStore.insert(workloads)] : []),
      ...(events.length > 0 ? [audit.append(events)] : []),
      ...[...this.#touched].map((chain) => {
        const { head, before } = this.#opened(chain);
        return audit.saveHead(head, before);
      }),
    ]);
  }

  committed(): void {
    for (const chain of this.#touched) {
      const { before, head } = this.#opened(chain);
      this.#latest?.note(before, head);
    }
    for (const { afterCommit } of this.#entries) afterCommit?.();
  }

  #opened(chain: string): OpenChain {
    const open = this.#chains.get(chain);
    if (open === undefined) throw new Error('The chain is not open in this batch');
    return open;
  }
}
