import { LRUCache } from 'lru-cache';
import { hourMs } from '../clock.ts';

const answersPerHour = 20;
const answers = new LRUCache<string, { since: number; count: number }>({ max: 10_000 });

const placeOf = (actorId: string, secretId: string): string => `${actorId}/${secretId}`;

/** When this actor hears such answers about a secret again, where the hour's are used up. */
export const findNextReuseAnswer = (actorId: string, secretId: string, now: number): number | undefined => {
  const known = answers.get(placeOf(actorId, secretId));
  if (known === undefined || known.count < answersPerHour || now - known.since >= hourMs) return undefined;
  return known.since + hourMs;
};

/** Whether this actor may still hear that a value was used before: so many answers per secret and hour. */
export const allowReuseAnswer = (actorId: string, secretId: string, now: number): boolean => {
  const place = placeOf(actorId, secretId);
  const known = answers.get(place);
  if (known === undefined || now - known.since >= hourMs) {
    answers.set(place, { since: now, count: 1 });
    return true;
  }
  known.count += 1;
  return known.count <= answersPerHour;
};
