import type { CommandInput, CommandTerminal } from '@coffer/contract';
import { CofferError } from '@coffer/contract/errors';
import type { ClientOptions } from '@coffer/sdk';
import { findSetting } from './configuration-folder.ts';
import { findActiveOrganization, findStoredLogin, type StoredLogin } from './stored-login.ts';

export const defaultUrl = 'http://127.0.0.1:7373';

/**
 * Where and as whom a command asks: COFFER_API_KEY and COFFER_URL, else the stored login, which goes to
 * the server that gave it and to no other. `--org` and COFFER_ORG come before the chosen organization.
 */
export function readClientOptions(
  given: Pick<CommandInput, 'text'>,
  { environment }: Pick<CommandTerminal, 'environment'>,
): ClientOptions {
  const url = findSetting(environment, 'COFFER_URL');
  const apiKey = findSetting(environment, 'COFFER_API_KEY');
  const organization = given.text('organization') ?? findSetting(environment, 'COFFER_ORG');
  if (apiKey !== undefined) return { baseUrl: url ?? defaultUrl, apiKey, organization };
  const login = findStoredLogin(environment);
  if (login === undefined) throw notLoggedIn('Nobody is logged in, and COFFER_API_KEY is not set.');
  if (url !== undefined && !isSameServer(url, login)) {
    throw notLoggedIn(`The stored login is for ${login.url}, not for the server in COFFER_URL.`);
  }
  return {
    baseUrl: login.url,
    token: login.token,
    organization: organization ?? findActiveOrganization(environment),
  };
}

const isSameServer = (url: string, login: StoredLogin): boolean =>
  URL.parse(url)?.href === URL.parse(login.url)?.href;

const notLoggedIn = (detail: string): CofferError =>
  new CofferError('not_authenticated', {
    detail,
    hint: 'On the server’s host run `coffer login --local`; elsewhere set COFFER_API_KEY and COFFER_URL.',
  });
