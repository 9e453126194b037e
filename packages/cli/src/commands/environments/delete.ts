import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { organizationOption } from '../options.ts';

const act: CommandAction = async (given, terminal) => {
  const [environment = ''] = given.positionals;
  const client = openClient(given, terminal);
  await client.environments.delete(environment);
  terminal.say(`Deleted environment ${environment}.`);
  return undefined;
};

export const deleteEnvironment: RunnableCommand = {
  name: 'delete',
  summary: 'remove an environment that nothing uses',
  arguments: [{ name: 'environment', completes: 'environment', summary: 'the environment, by slug or id' }],
  options: [organizationOption],
  examples: ['coffer environment delete preview'],
  load: () => Promise.resolve(act),
};
