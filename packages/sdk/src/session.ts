import type { LocalChallenge, LocalLogin, SessionCreated } from '@coffer/contract';
import type { Request } from './request.ts';

export type Login = ReturnType<typeof loginOver>;

/**
 * Login on the server's own host: the server writes the answer to the challenge into a file that only
 * its own user can read.
 */
export function loginOver(request: Request) {
  return {
    challenge: () => request<LocalChallenge>('POST', '/login/local/challenge'),
    /** The answer holds the session's token. */
    complete: (login: LocalLogin) => request<SessionCreated>('POST', '/login/local', { body: login }),
  };
}
