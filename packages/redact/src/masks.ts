import type { NameSets } from './name-sets.ts';

export interface Hit {
  start: number;
  end: number;
  names: number;
}

/** A stretch of the stream that one mask replaces. `printed` are names that an earlier release put out for it. */
export interface Mask extends Hit {
  printed: number;
}

/** Gathers hits, in the order of their ends, into masks: hits that overlap share one. */
export class Masks {
  readonly #pending: Mask[] = [];
  readonly #sets: NameSets;
  readonly #longest: number;
  #given = 0;
  #lastGiven: Mask | undefined;

  /** A mask stops growing at `longest` bytes, so that an endless chain of overlaps is not held for ever. */
  constructor(sets: NameSets, longest: number) {
    this.#sets = sets;
    this.#longest = longest;
  }

  /** Where the first mask begins that was not taken yet. */
  get firstStart(): number {
    return this.#pending[0]?.start ?? Infinity;
  }

  get firstEnd(): number {
    return this.#pending[0]?.end ?? Infinity;
  }

  /** What lies before the last `give` stays as it was given out. */
  add(hit: Hit): void {
    let mask: Mask = { ...hit, start: Math.max(hit.start, this.#given), printed: 0 };
    if (mask.end <= mask.start) return;
    if (hit.start < this.#given && this.#lastGiven?.end === this.#given) {
      mask.printed = this.#sets.unite(this.#lastGiven.names, this.#lastGiven.printed);
    }
    for (
      let last = this.#pending.at(-1);
      last !== undefined && last.end > mask.start;
      last = this.#pending.at(-1)
    ) {
      if (mask.end - last.start > this.#longest) {
        mask.start = last.end;
        if (mask.end > mask.start) this.#pending.push(mask);
        return;
      }
      mask = {
        start: Math.min(last.start, mask.start),
        end: Math.max(last.end, mask.end),
        names: this.#sets.unite(last.names, mask.names),
        printed: this.#sets.unite(last.printed, mask.printed),
      };
      this.#pending.pop();
    }
    this.#pending.push(mask);
  }

  /** Takes out the masks that end at `place` or before; everything before their ends counts as given out. */
  takeUntil(place: number): Mask[] {
    let count = 0;
    while ((this.#pending[count]?.end ?? Infinity) <= place) count++;
    const taken = this.#pending.splice(0, count);
    this.#lastGiven = taken.at(-1) ?? this.#lastGiven;
    this.#given = Math.max(this.#given, this.#lastGiven?.end ?? 0);
    return taken;
  }

  /** Notes that everything before `place` was given out. */
  give(place: number): void {
    this.#given = Math.max(this.#given, place);
  }

  /** The mask as text; empty if a release already put out a mask with all its names. */
  print(mask: Mask): string {
    const names = this.#sets.listNames(mask.names, mask.printed);
    return names.length === 0 ? '' : `[masked:${names.join(',')}]`;
  }

  clear(): void {
    this.#pending.length = 0;
    this.#given = 0;
    this.#lastGiven = undefined;
  }
}
