import type { PersonId, SessionId } from '@coffer/contract';

export interface Session {
  readonly id: SessionId;
  readonly personId: PersonId;
  readonly tokenHash: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly lastUsedAt: number;
  readonly revokedAt: number | null;
}

/** A local login challenge; the answer itself is only in the file that the server's user can read. */
export interface Challenge {
  readonly id: string;
  readonly answerHash: string;
  readonly expiresAt: number;
  readonly usedAt: number | null;
}

export interface SessionStore {
  insert(session: Session): Promise<void>;
  findByTokenHash(tokenHash: string): Promise<Session | undefined>;
  revoke(id: SessionId, at: number): Promise<void>;
  revokeOfPerson(personId: PersonId, at: number): Promise<void>;
  touch(id: SessionId, at: number): Promise<void>;
  insertChallenge(challenge: Challenge): Promise<void>;
  findChallenge(id: string): Promise<Challenge | undefined>;
  /** False where it was used already. */
  useChallenge(id: string, at: number): Promise<boolean>;
  deleteExpired(before: number): Promise<void>;
}
