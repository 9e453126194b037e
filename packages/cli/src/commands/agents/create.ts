import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { belongingOptions, readBelonging } from './agent-options.ts';

const act: CommandAction = async (given, terminal) => {
  const slug = given.positionals[0] ?? '';
  const client = openClient(given, terminal);
  const agent = await client.agents.create({ slug, ...readBelonging(given) });
  if (terminal.json) terminal.printJson(agent);
  else terminal.print(agent.slug);
  return undefined;
};

export const createAgent: RunnableCommand = {
  name: 'create',
  summary: 'create an agent; prints its slug',
  description: 'Without --project it is in the project default; without --owner it is yours.',
  arguments: [{ name: 'SLUG', summary: 'lower-case letters, digits and hyphens' }],
  options: belongingOptions,
  examples: [
    'coffer agent create support-bot',
    'coffer agent create biller --project billing --owner ann@example.com',
  ],
  load: () => Promise.resolve(act),
};
