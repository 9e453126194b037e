import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { collect } from '../collect.ts';
import { organizationOption } from '../options.ts';
import { showInstant } from '../read-option.ts';
import { showList } from '../show-list.ts';

const act: CommandAction = async (given, terminal) => {
  const client = openClient(given, terminal);
  await showList(terminal, {
    items: await collect(client.projects.listAll()),
    columns: {
      SLUG: ({ slug }) => slug,
      NAME: ({ name }) => name,
      AGENTS: ({ agents }) => String(agents),
      MANAGERS: ({ managers }) => managers?.join(', ') ?? '-',
      CREATED: ({ createdAt }) => showInstant(createdAt),
    },
    empty: 'The organization has no projects.',
  });
  return undefined;
};

export const listProjects: RunnableCommand = {
  name: 'list',
  summary: 'list the projects of the organization',
  options: [organizationOption],
  examples: ['coffer project list'],
  load: () => Promise.resolve(act),
};
