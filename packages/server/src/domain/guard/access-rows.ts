import { LRUCache } from 'lru-cache';

const keptRows = 20_000;

/**
 * Rows that decide access (policy, agents, projects, environments), as of one state of an organization's
 * counter of access: whoever changes one of them moves that counter in the same transaction, so a row
 * kept under where the counter stands is the row there is. `state` names organization and counter.
 */
export class AccessRows {
  readonly #rows = new LRUCache<string, object>({ max: keptRows });

  /** The row kept under this name, or what `load` finds; what it throws is not kept. */
  async get<Row extends object>(state: string, name: string, load: () => Promise<Row>): Promise<Row> {
    const key = `${state}/${name}`;
    const kept = this.#rows.get(key);
    // A name stands for one kind of row.
    if (kept !== undefined) return kept as Row;
    const row = await load();
    this.#rows.set(key, row);
    return row;
  }
}
