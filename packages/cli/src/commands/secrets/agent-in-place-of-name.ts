import { CofferError } from '@coffer/contract/errors';
import type { Client } from '@coffer/sdk';
import { usageError } from '../../terminal/usage.ts';
import { unlessForbidden } from '../unless-forbidden.ts';
import type { Place } from './place.ts';
import { isAgentReference } from './references.ts';

interface Named {
  readonly place: Place;
  readonly name: string;
}

/** Whether the one word that names a secret of the vault is an agent’s; no for a caller who may not read agents. */
export async function isNamedLikeAgent(client: Client, { place, name }: Named): Promise<boolean> {
  if (!('organization' in place.owner) || !isAgentReference(name)) return false;
  return await isPresent('agent_not_found', () => client.agents.get(name));
}

/** `secrets set support-bot` is a forgotten KEY, unless the vault has a secret of that name already. Throws `usage_error`. */
export async function refuseAgentAsNewName(client: Client, { place, name }: Named): Promise<void> {
  if (!(await isNamedLikeAgent(client, { place, name }))) return;
  if (await isPresent('secret_not_found', () => client.secrets.get({ ...place.owner, name }))) return;
  throw usageError(
    `${name} is an agent: name the secret, too.`,
    `coffer secrets set ${name} KEY; a secret of the vault that is named so is made by: coffer secrets create ${name}`,
  );
}

async function isPresent(absent: CofferError['code'], get: () => Promise<object>): Promise<boolean> {
  try {
    return (await unlessForbidden(get)) !== undefined;
  } catch (failure) {
    if (failure instanceof CofferError && failure.code === absent) return false;
    throw failure;
  }
}
