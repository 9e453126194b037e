import type { Advice } from '@coffer/contract';
import { dayMs, toInstant } from '../clock.ts';
import type { Secret, Version } from './port.ts';

/** What time has made worth knowing about a stored secret. Nothing is blocked by it. */
export const adviseOnAge = (
  secret: Pick<Secret, 'expiresAt' | 'rotateEveryDays'>,
  current: readonly Pick<Version, 'environment' | 'createdAt'>[],
  now: number,
): Advice[] => {
  const advice: Advice[] = [];
  const { expiresAt, rotateEveryDays } = secret;
  if (expiresAt !== null && expiresAt <= now) {
    advice.push({
      code: 'credential_expired',
      level: 'warning',
      message: `The credential expired at ${toInstant(expiresAt)}; make a new one at its issuer, and store that.`,
    });
  }
  if (rotateEveryDays === null) return advice;
  const due = current.filter(({ createdAt }) => createdAt + rotateEveryDays * dayMs <= now);
  if (due.length > 0) {
    const slots = due.map(({ environment }) => environment).join(', ');
    advice.push({
      code: 'rotation_due',
      level: 'hint',
      message: `It is to be rotated every ${rotateEveryDays} days, and that time is over for: ${slots}.`,
    });
  }
  return advice;
};

/** What a write says of a secret that expired before it: an expiry that is a slip, or that the new value outlives. */
export const adviseOnExpiry = ({ expiresAt }: Pick<Secret, 'expiresAt'>, now: number): readonly Advice[] => {
  if (expiresAt === null || expiresAt > now) return [];
  const message = `The credential expired already, at ${toInstant(expiresAt)}; if that is wrong, give the right time with --expires.`;
  return [{ code: 'credential_expired', level: 'warning', message }];
};
