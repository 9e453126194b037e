import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { collect } from '../collect.ts';
import { organizationOption } from '../options.ts';
import { showInstant } from '../read-option.ts';
import { showList } from '../show-list.ts';

const act: CommandAction = async (given, terminal) => {
  const client = openClient(given, terminal);
  await showList(terminal, {
    items: await collect(client.environments.listAll()),
    columns: {
      SLUG: ({ slug }) => slug,
      LABEL: ({ label }) => label,
      POSITION: ({ position }) => String(position),
      CREATED: ({ createdAt }) => showInstant(createdAt),
    },
    empty: 'The organization has no environments.',
  });
  return undefined;
};

export const listEnvironments: RunnableCommand = {
  name: 'list',
  summary: 'list the environments of the organization, in their order',
  description:
    'What belongs into them: development, keys that can do no harm (sandbox and test keys); staging, credentials\n' +
    'for rehearsing a release; production, the live ones.',
  options: [organizationOption],
  examples: ['coffer environment list'],
  load: () => Promise.resolve(act),
};
