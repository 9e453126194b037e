import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { collect } from '../collect.ts';
import { organizationOption } from '../options.ts';
import { showInstant } from '../read-option.ts';
import { showList } from '../show-list.ts';

const act: CommandAction = async (given, terminal) => {
  const client = openClient(given, terminal);
  await showList(terminal, {
    items: await collect(client.members.listAll()),
    columns: {
      EMAIL: ({ email }) => email,
      NAME: ({ name }) => name,
      ROLE: ({ role }) => role,
      CREATED: ({ createdAt }) => showInstant(createdAt),
      'LAST ACTIVE': ({ lastActiveAt }) => showInstant(lastActiveAt),
    },
    empty: 'The organization has no members.',
  });
  return undefined;
};

export const listMembers: RunnableCommand = {
  name: 'list',
  summary: 'list the members of the organization',
  options: [organizationOption],
  examples: ['coffer member list', 'coffer member list --json'],
  load: () => Promise.resolve(act),
};
