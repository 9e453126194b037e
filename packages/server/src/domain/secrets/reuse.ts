import { CofferError, type Advice } from '@coffer/contract';
import { hourMs } from '../clock.ts';
import type { Operation } from '../guard/operation.ts';
import type { Found } from './find.ts';
import { actOf, targetOf } from './place.ts';
import type { Secret } from './port.ts';

/*
 * Whether a value was used before is an answer to a guess, so it is told only to who may both write the
 * secret and read its metadata, and what is told costs a write:
 *   - Under `reused_value: error` a value used before is always refused, and any other is written: it takes the
 *     place of the current one, is in the trail, and after `keep_versions` of them what was guessed at is gone.
 *     The answer comes last, so that a wrong guess is not undone by something else.
 *   - Advice says so beside a write that is done, for the first values an hour. What counts is what was written,
 *     by whoever: right and wrong guesses alike, on every replica, and with every key that somebody made.
 */
const answersPerHour = 20;

/** Where a value was used before: in the slot it is written to, or in another one. */
export type Reuse = 'here' | 'elsewhere';

/** Where this value was used before, so far as the caller may hear of it. Reads, and keeps nothing back. */
export const findReuse = async (
  operation: Operation,
  { secret, place }: Found,
  { environment, fingerprint }: { environment: string; fingerprint: string },
): Promise<Reuse | undefined> => {
  const before = await operation.stores.secrets.listWithFingerprint(secret.id, fingerprint);
  if (before.length === 0) return undefined;
  const slots = before.map((version) => version.environment);
  if (!(await operation.can(actOf(place, 'read'), targetOf(place, slots)))) return undefined;
  return slots.includes(environment) ? 'here' : 'elsewhere';
};

/** Whether policy refuses a value that was used before in the slot it is written to. */
export const refusesReuse = async (operation: Operation): Promise<boolean> =>
  (await operation.policy()).reused_value === 'error';

export const valueReused = ({ name }: Pick<Secret, 'name'>): CofferError =>
  new CofferError('value_reused', {
    detail: `The value equals the current or an earlier one of ${name}.`,
    hint: 'Make a new credential at its issuer, and store that one.',
  });

/** Whether the values of this hour are few enough for advice to say that one was used before. */
export const mayAdviseOnReuse = async (operation: Operation, secret: Secret): Promise<boolean> => {
  const { stores, now } = operation;
  const written = await stores.secrets.countWrittenSince(secret.id, now - hourMs, answersPerHour + 1);
  return written <= answersPerHour;
};

const advice: Record<Reuse, Advice> = {
  here: {
    code: 'value_reused',
    level: 'warning',
    message: 'The value equals the current or an earlier one, so this rotation has no effect.',
  },
  elsewhere: {
    code: 'same_value_in_environments',
    level: 'hint',
    message: 'The same value is kept for another environment; separate credentials are safer.',
  },
};
export const adviceOnReuse = (reuse: Reuse): Advice => advice[reuse];
