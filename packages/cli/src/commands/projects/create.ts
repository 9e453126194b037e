import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { organizationOption } from '../options.ts';

const act: CommandAction = async (given, terminal) => {
  const name = given.text('name');
  const slug = given.positionals[0] ?? '';
  const client = openClient(given, terminal);
  const project = await client.projects.create({ slug, ...(name === undefined ? {} : { name }) });
  if (terminal.json) terminal.printJson(project);
  else terminal.print(project.slug);
  return undefined;
};

export const createProject: RunnableCommand = {
  name: 'create',
  summary: 'create a project: agents that share secrets',
  arguments: [{ name: 'SLUG', summary: 'lower-case letters, digits and hyphens' }],
  options: [{ name: 'name', value: 'NAME', summary: 'a name for people' }, organizationOption],
  examples: ['coffer project create billing --name "Billing agents"'],
  load: () => Promise.resolve(act),
};
