import type { AuditEvent, Head } from '../../domain/audit/port.ts';
import type { BatchScope, Stores } from '../../domain/stores.ts';
import { auditEvent } from './rows-suite.ts';

/** A batch that appends numbered events to chains, as the ledger does, with the sequence as its mac. */
export class ChainScope implements BatchScope {
  readonly #stores: Stores;
  readonly #heads = new Map<string, Head>();
  #events: AuditEvent[] = [];
  commits = 0;

  constructor(stores: Stores) {
    this.#stores = stores;
  }

  async append(chain: string): Promise<number> {
    await this.open(chain);
    return this.record(chain);
  }

  async lock(chains: Iterable<string>): Promise<void> {
    for (const chain of [...chains].sort()) await this.open(chain);
  }

  async open(chain: string): Promise<Head | undefined> {
    if (!this.#heads.has(chain)) {
      const [head] = await this.#stores.audit.lockHeads([chain]);
      this.#heads.set(
        chain,
        head ?? { chain, sequence: 0, mac: new Uint8Array([0]), changes: 0, accessChanges: 0 },
      );
    }
    return this.#heads.get(chain);
  }

  record(chain: string, action = 'test.act'): number {
    const last = this.#events.findLast((event) => event.chain === chain);
    const sequence = (last?.sequence ?? this.#heads.get(chain)?.sequence ?? 0) + 1;
    this.#events.push(auditEvent({ chain, sequence, action }));
    return sequence;
  }

  mark(): number {
    return this.#events.length;
  }

  rollbackTo(mark: number): void {
    this.#events = this.#events.slice(0, mark);
  }

  async flush(): Promise<void> {
    if (this.#events.length === 0) return;
    await this.#stores.audit.append(this.#events);
    for (const [chain, head] of this.#heads) {
      const last = this.#events.findLast((event) => event.chain === chain);
      if (last !== undefined)
        await this.#stores.audit.saveHead({ ...head, sequence: last.sequence, mac: last.mac }, head);
    }
  }

  committed(): void {
    this.commits += 1;
  }
}
