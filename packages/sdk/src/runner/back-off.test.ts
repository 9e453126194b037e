import { expect, it } from 'vitest';
import { createBackOff } from './back-off.ts';

const atMost = () => 0;
const atLeast = () => 1;

it('each pause is twice as long as the one before, up to half a minute, less up to half by chance', () => {
  const longest = createBackOff(atMost);
  const shortest = createBackOff(atLeast);
  const pauses = [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000];
  expect(pauses.map(() => longest.nextMs())).toEqual(pauses);
  expect(pauses.map(() => shortest.nextMs())).toEqual(pauses.map((pause) => pause / 2));
});

it('a link that worked begins again with the shortest pause', () => {
  const backOff = createBackOff(atMost);
  backOff.nextMs();
  backOff.nextMs();
  backOff.reset();
  expect(backOff.nextMs()).toBe(1000);
});

it('the server chooses the shortest pause, within reason', () => {
  const backOff = createBackOff(atMost);
  const first = (milliseconds: number) => {
    backOff.startAt(milliseconds);
    backOff.reset();
    return backOff.nextMs();
  };
  expect([first(50), first(0), first(10 ** 9)]).toEqual([50, 10, 30_000]);
});

it('a thousand failures later the pause is still half a minute', () => {
  const backOff = createBackOff(atMost);
  const pauses = Array.from({ length: 2000 }, () => backOff.nextMs());
  expect(pauses.at(-1)).toBe(30_000);
});
