import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { Declined } from '../../terminal/declined.ts';
import { usageError } from '../../terminal/usage.ts';
import { yesOption } from '../options.ts';
import { agentArguments, belongingOptions, readBelonging } from './agent-options.ts';
import { findSecretNames } from './secrets-of-agent.ts';

const act: CommandAction = async (given, terminal) => {
  const [agent = ''] = given.positionals;
  const changes = readBelonging(given);
  if (Object.keys(changes).length === 0) throw usageError('Give --project or --owner.');
  const client = openClient(given, terminal);
  if (!given.has('yes')) {
    const names = await findSecretNames(client, agent);
    terminal.say(sayMoving(names));
    if (!terminal.interactive) throw usageError('Nobody is there to confirm the move.', 'Add --yes.');
    if (!(await terminal.confirm(`Move ${agent}?`))) throw new Declined('Nothing was changed.');
  }
  const moved = await client.agents.update(agent, changes);
  if (terminal.json) terminal.printJson(moved);
  else terminal.say(`${moved.slug} is in project ${moved.project} now, owned by ${moved.owner}.`);
  return undefined;
};

function sayMoving(names: readonly string[] | undefined): string {
  if (names === undefined) return 'The agent’s own secrets move with it; they are not yours to list.';
  if (names.length === 0) return 'The agent has no secrets of its own.';
  return `The agent’s own secrets move with it (${names.length}): ${names.join(', ')}.`;
}

export const updateAgent: RunnableCommand = {
  name: 'update',
  summary: 'move an agent to another project or owner, its own secrets with it',
  arguments: agentArguments,
  options: [...belongingOptions, yesOption],
  examples: [
    'coffer agent update support-bot --owner bob@example.com',
    'coffer agent update biller --project billing --yes',
  ],
  load: () => Promise.resolve(act),
};
