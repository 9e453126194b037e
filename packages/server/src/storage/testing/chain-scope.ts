import { randomBytes } from 'node:crypto';
import type { AuditEvent, Head } from '../../domain/audit/port.ts';
import type { BatchScope, Stores } from '../../domain/stores.ts';
import { auditEvent } from './rows-suite.ts';

const noMac = new Uint8Array([0]);

/** A batch that appends numbered events to chains, as the ledger does, each with a mac of its own. */
export class ChainScope implements BatchScope {
  readonly #stores: Stores;
  readonly #heads = new Map<string, Head>();
  /** Chains that begin where the batch before leaves them, and those of them that somebody opened. */
  readonly #takenOver = new Set<string>();
  readonly #compared = new Set<string>();
  #events: AuditEvent[] = [];
  commits = 0;

  constructor(stores: Stores, after?: ChainScope) {
    this.#stores = stores;
    if (after === undefined) return;
    for (const chain of after.#heads.keys()) {
      this.#heads.set(chain, after.#end(chain));
      this.#takenOver.add(chain);
    }
  }

  async append(chain: string): Promise<number> {
    await this.open(chain);
    return this.record(chain);
  }

  async lock(chains: Iterable<string>): Promise<void> {
    for (const chain of [...chains].sort()) await this.open(chain);
  }

  async open(chain: string): Promise<Head | undefined> {
    if (this.#takenOver.has(chain)) this.#compared.add(chain);
    if (!this.#heads.has(chain)) {
      const [head] = await this.#stores.audit.lockHeads([chain]);
      if (head !== undefined) this.#heads.set(chain, head);
      else this.#heads.set(chain, this.#end(chain));
    }
    return this.#heads.get(chain);
  }

  /** The head with what this batch adds. */
  #end(chain: string): Head {
    const head = this.#heads.get(chain) ?? { chain, sequence: 0, mac: noMac, changes: 0, accessChanges: 0 };
    const last = this.#events.findLast((event) => event.chain === chain);
    return last === undefined ? head : { ...head, sequence: last.sequence, mac: last.mac };
  }

  record(chain: string, action = 'test.act'): number {
    const sequence = this.#end(chain).sequence + 1;
    this.#events.push(auditEvent({ chain, sequence, action, mac: randomBytes(8) }));
    return sequence;
  }

  mark(): number {
    return this.#events.length;
  }

  rollbackTo(mark: number): void {
    this.#events = this.#events.slice(0, mark);
  }

  async flush(): Promise<void> {
    if (this.#events.length > 0) await this.#stores.audit.append(this.#events);
    for (const [chain, head] of this.#heads) {
      const end = this.#end(chain);
      if (end.sequence > head.sequence || this.#compared.has(chain))
        await this.#stores.audit.saveHead(end, head);
    }
  }

  committed(): void {
    this.commits += 1;
  }
}
