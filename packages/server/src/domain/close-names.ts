import { distance } from 'fastest-levenshtein';

const closestShown = 3;
const farthest = 3;

/** Names near the one that was asked for; one that differs only in case comes first. */
export const closeNames = (asked: string, names: readonly string[]): readonly string[] => {
  const scored = names.map((name) => ({
    name,
    score: name.toLowerCase() === asked.toLowerCase() ? 0 : distance(asked, name),
  }));
  return scored
    .filter(({ score }) => score <= Math.min(farthest, Math.ceil(asked.length / 3)))
    .sort((left, right) => left.score - right.score || (left.name < right.name ? -1 : 1))
    .slice(0, closestShown)
    .map(({ name }) => name);
};
