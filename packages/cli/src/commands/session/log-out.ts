import type { CommandAction } from '@coffer/contract';
import { CofferError } from '@coffer/contract/errors';
import { createClient } from '@coffer/sdk';
import { findStoredLogin, removeStoredLogin } from '../../connection/stored-login.ts';

export const logOut: CommandAction = async (_given, terminal) => {
  const stored = findStoredLogin(terminal.environment);
  if (stored === undefined) {
    if (terminal.json) terminal.printJson({ url: null, email: null, loggedOut: false, sessionEnded: false });
    else terminal.say('Nobody is logged in.');
    return undefined;
  }
  const ended = await endSession(stored);
  removeStoredLogin(terminal.environment);
  if (terminal.json) {
    terminal.printJson({ url: stored.url, email: stored.email, loggedOut: true, sessionEnded: ended });
    return undefined;
  }
  terminal.say(`Logged out of ${stored.url}.`);
  if (!ended) {
    terminal.say('warning: the server could not be reached; the session ends there when it expires');
  }
  return undefined;
};

/** False where the server could not be told; a session that it does not know has ended already. */
async function endSession({
  url,
  token,
}: {
  readonly url: string;
  readonly token: string;
}): Promise<boolean> {
  try {
    await createClient({ baseUrl: url, token }).logout();
    return true;
  } catch (failure) {
    if (!(failure instanceof CofferError)) throw failure;
    return failure.code === 'not_authenticated';
  }
}
