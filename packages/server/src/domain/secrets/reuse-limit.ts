import { LRUCache } from 'lru-cache';
import { hourMs } from '../clock.ts';

const answersPerHour = 20;
const answers = new LRUCache<string, { since: number; count: number }>({ max: 10_000 });

/** Whether this actor may still hear that a value was used before: so many answers per secret and hour. */
export const allowReuseAnswer = (actorId: string, secretId: string, now: number): boolean => {
  const place = `${actorId}/${secretId}`;
  const known = answers.get(place);
  if (known === undefined || now - known.since >= hourMs) {
    answers.set(place, { since: now, count: 1 });
    return true;
  }
  known.count += 1;
  return known.count <= answersPerHour;
};
