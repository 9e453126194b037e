import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { usageError } from '../../terminal/usage.ts';
import { organizationOption } from '../options.ts';
import { labelOptions, readLabel } from './label-options.ts';

const act: CommandAction = async (given, terminal) => {
  const changes = readLabel(given);
  if (Object.keys(changes).length === 0) throw usageError('Give --label or --position.');
  const client = openClient(given, terminal);
  const environment = await client.environments.update(given.positionals[0] ?? '', changes);
  if (terminal.json) terminal.printJson(environment);
  else terminal.say(`Changed environment ${environment.slug}.`);
  return undefined;
};

export const updateEnvironment: RunnableCommand = {
  name: 'update',
  summary: 'label or reorder an environment',
  arguments: [{ name: 'environment', completes: 'environment', summary: 'the environment, by slug or id' }],
  options: [...labelOptions, organizationOption],
  examples: ['coffer environment update staging --label "Release rehearsal"'],
  load: () => Promise.resolve(act),
};
