import type { LocalLogin } from '@coffer/contract';
import { challengeLocalLogin, completeLocalLogin } from '../../domain/sessions/local-login.ts';
import { logout, whoami } from '../../domain/sessions/own.ts';
import type { Call, OpenCall } from '../handlers.ts';

export const sessionHandlers = {
  challengeLocalLogin: async ({ house }: OpenCall) => challengeLocalLogin(house.guard, house.challengeFiles),
  completeLocalLogin: async ({ house, body, origin }: OpenCall<LocalLogin>) =>
    completeLocalLogin(house.guard, body, { origin, files: house.challengeFiles }),
  logout: async ({ caller }: Call) => logout(caller),
  whoami: async ({ caller }: Call) => whoami(caller),
};
