import { LRUCache } from 'lru-cache';

const keptRows = 20_000;

/**
 * Rows that decide access (policy, agents, projects, environments), as of one state of an organization's
 * counter of access: whoever changes one of them moves that counter in the same transaction, so a row
 * kept under where the counter stands is the row there is. `state` names organization and counter.
 */
export class AccessRows {
  readonly #rows = new LRUCache<string, object>({ max: keptRows });

  find(state: string, name: string): object | undefined {
    return this.#rows.get(`${state}/${name}`);
  }

  /** Only once what read the row is durable: a batch that is undone may have read what it wrote itself. */
  keep(state: string, name: string, row: object): void {
    this.#rows.set(`${state}/${name}`, row);
  }
}
