import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { usageError } from '../../terminal/usage.ts';
import { organizationOption } from '../options.ts';

const act: CommandAction = async (given, terminal) => {
  const name = given.text('name');
  if (given.has('manager') && given.has('no-managers')) {
    throw usageError('--manager and --no-managers exclude each other.');
  }
  const managers = given.has('no-managers')
    ? null
    : given.has('manager')
      ? [...given.texts('manager')]
      : undefined;
  if (name === undefined && managers === undefined) {
    throw usageError('Give --name, --manager or --no-managers.');
  }
  const client = openClient(given, terminal);
  const project = await client.projects.update(given.positionals[0] ?? '', {
    ...(name === undefined ? {} : { name }),
    ...(managers === undefined ? {} : { managers }),
  });
  if (terminal.json) terminal.printJson(project);
  else terminal.say(`Changed project ${project.slug}.`);
  return undefined;
};

export const updateProject: RunnableCommand = {
  name: 'update',
  summary: 'change a project’s name, or who manages its secrets',
  arguments: [{ name: 'project', completes: 'project', summary: 'the project, by slug or id' }],
  options: [
    { name: 'name', value: 'NAME', summary: 'a name for people' },
    {
      name: 'manager',
      value: 'EMAIL',
      repeatable: true,
      completes: 'member',
      summary: 'only these members manage the project’s secrets, besides owners and admins',
    },
    { name: 'no-managers', summary: 'whoever may manage the vault manages them again' },
    organizationOption,
  ],
  examples: ['coffer project update billing --manager ann@example.com --manager bob@example.com'],
  load: () => Promise.resolve(act),
};
