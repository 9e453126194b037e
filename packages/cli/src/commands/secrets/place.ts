import type { CommandInput } from '@coffer/contract';
import type { SecretOwner } from '@coffer/sdk';
import { usageError } from '../../terminal/usage.ts';
import { isAgentReference } from './references.ts';

/** Whose secrets a command is about: an agent's, a project's, or the organization's vault. */
export interface Place {
  readonly owner: Exclude<SecretOwner, string>;
  /** For messages: `agent support-bot`, `project default`, `the vault`. */
  readonly words: string;
}

const vault: Place = { owner: { organization: true }, words: 'the vault' };
export const agentPlace = (agent: string): Place => ({ owner: { agent }, words: `agent ${agent}` });

/** Reads the place from `--agent`, `--project` or the first positional; neither given twice. */
export function readPlace(given: CommandInput, positional: string | undefined): Place {
  const agent = given.text('agent');
  const project = given.text('project');
  if (agent !== undefined && project !== undefined) {
    throw usageError('--agent and --project are both given; a secret belongs to one of them.');
  }
  if (positional !== undefined) {
    if (agent !== undefined) throw usageError('The agent is given twice: as a word and by --agent.');
    if (project !== undefined) throw usageError('An agent is given as a word together with --project.');
    if (!isAgentReference(positional)) {
      throw usageError(
        'The first word cannot be an agent: it is neither a slug nor an agent’s id.',
        'Values are given by --value, --value-file, or when asked.',
      );
    }
    return agentPlace(positional);
  }
  if (agent !== undefined) return agentPlace(agent);
  if (project !== undefined) return { owner: { project }, words: `project ${project}` };
  return vault;
}
