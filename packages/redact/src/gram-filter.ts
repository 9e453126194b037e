import type { PatternTable } from './pattern-table.ts';

// Patterns of similar length share a filter, so that one short value does not slow down the search for long ones.
const SHORTEST_OF_GROUP = [16, 10, 1];
const LONGEST_GRAM = 8;
const LONGEST_STRIDE = 16;
const BITS_PER_GRAM = 16;
const FEWEST_WORDS_LOG2 = 7;
const MOST_WORDS_LOG2 = 18;

/**
 * Says where a pattern may start without looking at every byte. A pattern's first `stride` grams are in a table;
 * a text that is probed once in every `stride` places meets one of them wherever the pattern starts. A gram is at
 * most half as long as the shortest pattern, so that a pattern cut in two keeps a gram before or after the cut.
 */
export interface GramFilter {
  readonly stride: number;
  readonly gram: number;
  /** Where each pattern begins in the table's text. */
  readonly starts: readonly number[];
  /** Powers of 2: how many words of 64 bits, and how many slots, its tables have. */
  readonly wordsLog2: number;
  readonly slotsLog2: number;
}

/** At most one filter per group. */
export function planGramFilters(patterns: PatternTable): GramFilter[] {
  const groups = SHORTEST_OF_GROUP.map(() => ({ starts: [] as number[], shortest: Infinity }));
  for (let index = 0; index < patterns.count; index++) {
    const enough = patterns.enough[index] as number;
    const group = groups[SHORTEST_OF_GROUP.findIndex((shortest) => enough >= shortest)];
    if (group === undefined) continue;
    group.starts.push(patterns.starts[index] as number);
    group.shortest = Math.min(group.shortest, enough);
  }
  return groups.filter(({ starts }) => starts.length > 0).map(planGramFilter);
}

function planGramFilter({ starts, shortest }: { starts: number[]; shortest: number }): GramFilter {
  const gram = Math.min(LONGEST_GRAM, (shortest + 1) >>> 1);
  const stride = Math.min(LONGEST_STRIDE, shortest - gram + 1);
  const grams = Math.log2(starts.length * stride);
  const wordsLog2 = Math.ceil(grams + Math.log2(BITS_PER_GRAM / 64));
  return {
    stride,
    gram,
    starts,
    wordsLog2: Math.min(MOST_WORDS_LOG2, Math.max(FEWEST_WORDS_LOG2, wordsLog2)),
    slotsLog2: Math.ceil(grams) + 1,
  };
}
