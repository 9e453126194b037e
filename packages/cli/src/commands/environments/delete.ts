import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { findIn, findRecord } from '../find-record.ts';
import { organizationOption } from '../options.ts';

const act: CommandAction = async (given, terminal) => {
  const [environment = ''] = given.positionals;
  const client = openClient(given, terminal);
  const record = await findRecord(terminal, () =>
    findIn(client.environments.listAll(), ({ id, slug }) => slug === environment || id === environment),
  );
  await client.environments.delete(environment);
  if (terminal.json)
    terminal.printJson({ id: record?.id ?? null, slug: record?.slug ?? environment, deleted: true });
  else terminal.say(`Deleted environment ${environment}.`);
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
