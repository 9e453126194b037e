import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { findIn, findRecord } from '../find-record.ts';
import { organizationOption } from '../options.ts';

const act: CommandAction = async (given, terminal) => {
  const [project = ''] = given.positionals;
  const client = openClient(given, terminal);
  const record = await findRecord(terminal, () =>
    findIn(client.projects.listAll(), ({ id, slug }) => slug === project || id === project),
  );
  await client.projects.delete(project);
  if (terminal.json)
    terminal.printJson({ id: record?.id ?? null, slug: record?.slug ?? project, deleted: true });
  else terminal.say(`Deleted project ${project}.`);
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
