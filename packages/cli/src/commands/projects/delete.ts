import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { organizationOption } from '../options.ts';

const act: CommandAction = async (given, terminal) => {
  const [project = ''] = given.positionals;
  const client = openClient(given, terminal);
  await client.projects.delete(project);
  terminal.say(`Deleted project ${project}.`);
  return undefined;
};

export const deleteProject: RunnableCommand = {
  name: 'delete',
  summary: 'delete a project that holds no agents and no secrets',
  arguments: [{ name: 'project', completes: 'project', summary: 'the project, by slug or id' }],
  options: [organizationOption],
  examples: ['coffer project delete billing'],
  load: () => Promise.resolve(act),
};
