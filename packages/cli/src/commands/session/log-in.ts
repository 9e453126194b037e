import type { CommandAction } from '@coffer/contract';
import { createClient } from '@coffer/sdk';
import { defaultUrl } from '../../connection/client-options.ts';
import { findSetting } from '../../connection/configuration-folder.ts';
import { storeLogin } from '../../connection/stored-login.ts';
import { usageError } from '../../terminal/usage.ts';
import { showInstant } from '../read-option.ts';
import { readChallengeAnswer } from './challenge-answer.ts';
import { refuseRelay } from './refuse-relay.ts';

export const logIn: CommandAction = async (given, terminal) => {
  if (!given.has('local')) {
    throw usageError(
      'Only the login on the server’s own host exists: coffer login --local.',
      'Elsewhere set COFFER_API_KEY and COFFER_URL.',
    );
  }
  const url = findSetting(terminal.environment, 'COFFER_URL') ?? defaultUrl;
  const { login } = createClient({ baseUrl: url });
  const { challengeId, file } = await login.challenge();
  const dataDirectory = given.text('data-dir') ?? findSetting(terminal.environment, 'COFFER_DATA_DIR');
  const { answer, serverUrl } = await readChallengeAnswer({ challengeId, file }, dataDirectory);
  await refuseRelay(url, serverUrl);
  const as = given.text('as');
  const { token, email, expiresAt } = await login.complete({
    challengeId,
    answer,
    ...(as === undefined ? {} : { as }),
  });
  storeLogin(terminal.environment, { url, token, email, expiresAt });
  if (terminal.json) terminal.printJson({ email, url, expiresAt });
  else terminal.say(`Logged in to ${url} as ${email} until ${showInstant(expiresAt)}.`);
  return undefined;
};
