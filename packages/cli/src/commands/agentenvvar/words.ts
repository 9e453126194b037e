import type { CommandInput, CommandOption } from '@coffer/contract';
import { usageError } from '../../terminal/usage.ts';
import { agentOption, organizationOption } from '../options.ts';
import { agentPlace, type Place } from '../secrets/place.ts';
import type { Target } from '../secrets/target.ts';

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

/** `<secret_id>`, which is of an agent’s secret or of none, or `--agent A --key KEY`. */
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
  return { id, scope: 'agent' };
}
