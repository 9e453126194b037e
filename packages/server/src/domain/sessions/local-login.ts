import { randomBytes } from 'node:crypto';
import {
  CofferError,
  challengeSeconds,
  type LocalChallenge,
  type LocalLogin,
  type SessionCreated,
} from '@coffer/contract';
import { createToken, equalInConstantTime, hashToken } from '@coffer/crypto';
import { instanceChain } from '../audit/port.ts';
import { hourMs, secondMs, toInstant } from '../clock.ts';
import type { Origin } from '../guard/caller.ts';
import type { Guard } from '../guard/guard.ts';
import { createId } from '../ids.ts';
import { isOnHost } from '../loopback.ts';
import type { Stores } from '../stores.ts';
import { signInEvent } from './events.ts';
import type { LoginLimits } from './login-limits.ts';
import type { Challenge } from './port.ts';

/** How long a person's session lasts. */
const sessionLifetimeMs = 12 * hourMs;

/** Where the answer of a challenge is written so that only the server's own user (or root) can read it. */
export interface ChallengeFiles {
  /** Writes a file readable by its owner alone; returns its absolute path. */
  write(challengeId: string, answer: string): Promise<string>;
  remove(challengeId: string): Promise<void>;
}

export interface LoginContext {
  readonly origin: Origin;
  readonly files: ChallengeFiles;
  readonly limits: LoginLimits;
}

/** A challenge of 60 seconds: whoever can read the server's files can answer it. */
export const challengeLocalLogin = async (guard: Guard, context: LoginContext): Promise<LocalChallenge> => {
  const now = guard.clock.now();
  const { origin, files, limits } = context;
  limits.take('challenge', origin.address, now);
  const id = `chl_${randomBytes(16).toString('hex')}`;
  const answer = randomBytes(32).toString('base64url');
  const expiresAt = now + challengeSeconds * secondMs;
  await guard.database.commit(async (stores) => {
    await stores.sessions.deleteExpired(now);
    await stores.sessions.insertChallenge({ id, answerHash: hashToken(answer), expiresAt, usedAt: null });
  });
  const file = await files.write(id, answer);
  const isNear = isOnHost(origin.address ?? '');
  return { challengeId: id, file: isNear ? file : null, expiresAt: toInstant(expiresAt) };
};

const refused = (): CofferError =>
  new CofferError('not_authenticated', {
    detail: 'The login challenge is unknown, expired, used or answered wrongly.',
    hint: 'Run coffer login --local again, on the server’s host as the server’s user or root.',
  });

const isAnswered = (
  challenge: Challenge | undefined,
  { answer }: LocalLogin,
  now: number,
): challenge is Challenge =>
  challenge !== undefined &&
  challenge.expiresAt > now &&
  equalInConstantTime(Buffer.from(hashToken(answer)), Buffer.from(challenge.answerHash));

const findMemberships = async ({ members }: Stores, { as }: LocalLogin) => {
  const person = await (as === undefined
    ? members.findFirstOwner()
    : members.findPersonByEmail(as.toLowerCase()));
  return { person, memberships: person === undefined ? [] : await members.listOfPerson(person.id) };
};

/** The chains a login writes to; of organizations only where it is answered, or strangers could lock them. */
const foreseeChains = async (stores: Stores, input: LocalLogin, now: number): Promise<readonly string[]> => {
  if (!isAnswered(await stores.sessions.findChallenge(input.challengeId), input, now)) return [instanceChain];
  const { memberships } = await findMemberships(stores, input);
  return [instanceChain, ...memberships.map(({ organizationId }) => organizationId)];
};

/** A session for the member named, or for the first owner. A challenge is used up by its first answer. */
export const completeLocalLogin = async (
  guard: Guard,
  input: LocalLogin,
  context: LoginContext,
): Promise<SessionCreated> => {
  const now = guard.clock.now();
  const { origin, files, limits } = context;
  limits.take('answer', origin.address, now);
  const chains = await guard.database.read(async (stores) => foreseeChains(stores, input, now));
  const done = await guard.database.commit(
    async (stores, ledger) => {
      await ledger.open(instanceChain);
      const challenge = await stores.sessions.findChallenge(input.challengeId);
      const answered =
        isAnswered(challenge, input, now) && (await stores.sessions.useChallenge(challenge.id, now));
      const { person, memberships } = await findMemberships(stores, input);
      if (!answered || person === undefined || memberships.length === 0) {
        ledger.append(
          signInEvent({ now, origin, chain: instanceChain, outcome: 'refused', person: undefined }),
        );
        return answered ? ('no_member' as const) : undefined;
      }
      const token = createToken('cfr_ses');
      const session = {
        id: createId('session', now),
        personId: person.id,
        tokenHash: hashToken(token),
        createdAt: now,
        expiresAt: now + sessionLifetimeMs,
        lastUsedAt: now,
        revokedAt: null,
      };
      await stores.sessions.insert(session);
      for (const { organizationId } of memberships) {
        await ledger.open(organizationId);
        ledger.append(signInEvent({ now, origin, chain: organizationId, outcome: 'done', person }));
      }
      return { token, email: person.email, expiresAt: toInstant(session.expiresAt) };
    },
    { chains },
  );
  await files.remove(input.challengeId);
  if (done === undefined) throw refused();
  for (const attempt of ['challenge', 'answer'] as const) limits.giveBack(attempt, origin.address);
  if (done !== 'no_member') return done;
  throw new CofferError('member_not_found', {
    detail: 'No organization has a member of this email.',
    hint: 'Make one with: coffer member create EMAIL --role ROLE',
  });
};
