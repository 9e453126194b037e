import type { LocalLogin } from '@coffer/contract';
import { challengeLocalLogin, completeLocalLogin } from '../../domain/sessions/local-login.ts';
import { logout, whoami } from '../../domain/sessions/own.ts';
import type { Call, OpenCall } from '../handlers.ts';

export const sessionHandlers = {
  challengeLocalLogin: async ({ house, origin }: OpenCall) =>
    challengeLocalLogin(house.guard, { ...house.logins, origin }),
  completeLocalLogin: async ({ house, body, origin }: OpenCall<LocalLogin>) =>
    completeLocalLogin(house.guard, body, { ...house.logins, origin }),
  logout: async ({ caller }: Call) => logout(caller),
  whoami: async ({ caller }: Call) => whoami(caller),
};
