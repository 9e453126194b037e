import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { organizationOption } from '../options.ts';
import { labelOptions, readLabel } from './label-options.ts';

const act: CommandAction = async (given, terminal) => {
  const client = openClient(given, terminal);
  const slug = given.positionals[0] ?? '';
  const environment = await client.environments.create({ slug, ...readLabel(given) });
  if (terminal.json) terminal.printJson(environment);
  else terminal.print(environment.slug);
  return undefined;
};

export const createEnvironment: RunnableCommand = {
  name: 'create',
  summary: 'add an environment',
  arguments: [{ name: 'SLUG', summary: 'lower-case letters, digits and hyphens' }],
  options: [...labelOptions, organizationOption],
  examples: ['coffer environment create preview --label Preview --position 1'],
  load: () => Promise.resolve(act),
};
