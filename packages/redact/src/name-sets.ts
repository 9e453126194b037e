/** Sets of names, each kept once and known by a number; 0 is the empty set. Names keep the order they came in. */
export class NameSets {
  readonly #members: number[][] = [[]];
  readonly #ids = new Map<string, number>([['', 0]]);
  readonly #unions = new Map<number, Map<number, number>>();
  readonly #names: string[] = [];
  readonly #indexes = new Map<string, number>();
  readonly #singles: number[] = [];

  addName(name: string): number {
    const known = this.#indexes.get(name);
    if (known !== undefined) return known;
    this.#indexes.set(name, this.#names.length);
    this.#singles.push(this.#intern([this.#names.length]));
    return this.#names.push(name) - 1;
  }

  /** The set with one name more. */
  add(set: number, name: number): number {
    return this.unite(set, this.#singles[name] ?? 0);
  }

  unite(a: number, b: number): number {
    if (a === b || b === 0) return a;
    if (a === 0) return b;
    const [low, high] = a < b ? [a, b] : [b, a];
    const row = this.#unions.get(low) ?? new Map<number, number>();
    this.#unions.set(low, row);
    const known = row.get(high);
    if (known !== undefined) return known;
    const united = this.#intern(
      [...new Set([...this.#list(low), ...this.#list(high)])].sort((first, second) => first - second),
    );
    row.set(high, united);
    return united;
  }

  /** The names of `set` that `printed` does not have. */
  listNames(set: number, printed: number): string[] {
    const without = new Set(this.#list(printed));
    return this.#list(set)
      .filter((name) => !without.has(name))
      .map((name) => this.#names[name] ?? '');
  }

  #list(set: number): readonly number[] {
    return this.#members[set] ?? [];
  }

  #intern(members: number[]): number {
    const key = members.join();
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    this.#ids.set(key, this.#members.length);
    return this.#members.push(members) - 1;
  }
}
