import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { organizationOption } from '../options.ts';
import { agentArguments } from './agent-options.ts';

const act: CommandAction = async (given, terminal) => {
  const client = openClient(given, terminal);
  const agent = await client.agents.restore(given.positionals[0] ?? '');
  if (terminal.json) terminal.printJson(agent);
  else terminal.say(`Restored ${agent.slug} with its secrets.`);
  return undefined;
};

export const restoreAgent: RunnableCommand = {
  name: 'restore',
  summary: 'bring a deleted agent back, with its secrets',
  arguments: agentArguments,
  options: [organizationOption],
  examples: ['coffer agent restore support-bot'],
  load: () => Promise.resolve(act),
};
