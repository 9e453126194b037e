import type { CommandInput, CommandOption, SecretRecord } from '@coffer/contract';
import { CofferError } from '@coffer/contract/errors';
import type { Client } from '@coffer/sdk';
import { usageError } from '../../terminal/usage.ts';
import { agentOption, organizationOption } from '../options.ts';
import { agentPlace, type Place } from '../secrets/place.ts';
import { onSecret, type Target } from '../secrets/target.ts';

/** The verb-noun forms: the operations of `coffer secrets` on an agent's own, `--key` being the name. */
export const noun = { name: 'agentenvvar', aliases: ['agentenvvars'] } as const;

const keyOption: CommandOption = { name: 'key', value: 'KEY', summary: 'the name' };
export const agentKeyOptions: readonly CommandOption[] = [agentOption, keyOption, organizationOption];

export const idArguments = [
  { name: 'secret_id', optional: true, summary: 'the secret’s id; or give --agent and --key' },
] as const;

export function readAgent(given: CommandInput): Place {
  const agent = given.text('agent');
  if (agent === undefined) throw usageError('--agent AGENT is missing.');
  return agentPlace(agent);
}

export function readKey(given: CommandInput): string {
  const key = given.text('key');
  if (key === undefined) throw usageError('--key KEY is missing.');
  return key;
}

/** `<secret_id>`, or `--agent A --key KEY`. */
export function readVariable(given: CommandInput): Target {
  const [id] = given.positionals;
  if (id === undefined) {
    if (!given.has('agent') && !given.has('key')) {
      throw usageError('secret_id is missing.', 'Give the secret’s id as a word, or --agent and --key.');
    }
    return { place: readAgent(given), name: readKey(given) };
  }
  if (given.has('agent') || given.has('key')) {
    throw usageError('The id is given together with --agent or --key.');
  }
  return { id };
}

/** Throws `secret_not_found` where the id is of a secret that belongs to no agent. */
export async function checkVariable(client: Client, target: Target): Promise<void> {
  if (!('id' in target)) return;
  const scope = await findScope(client, target);
  if (scope === 'agent') return;
  const owner = scope === 'project' ? 'to a project' : 'to the vault';
  throw new CofferError('secret_not_found', {
    detail: `No agent has a secret of this id; it belongs ${owner}.`,
    hint: `Use the command of secrets: coffer secrets get --id ${target.id}, and update and delete likewise.`,
  });
}

/** Who may write but not read metadata is believed where the key reaches an agent's own alone. */
async function findScope(client: Client, target: Target): Promise<SecretRecord['scope']> {
  try {
    return (await onSecret(client, target, client.secrets.get)).scope;
  } catch (failure) {
    if (!(failure instanceof CofferError) || failure.code !== 'forbidden') throw failure;
    const { key } = await client.whoami();
    if (key !== null && key.agent !== null) return 'agent';
    throw new CofferError('forbidden', {
      detail: 'Whose secret the id names may not be read with this login or key.',
      hint: 'Give --agent and --key in place of the id.',
    });
  }
}
