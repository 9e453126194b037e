import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { createClient } from '@coffer/sdk';
import { readClientOptions } from '../../connection/client-options.ts';
import { collect } from '../collect.ts';
import { organizationOption } from '../options.ts';
import { showList } from '../show-list.ts';

const act: CommandAction = async (given, terminal) => {
  const options = readClientOptions(given, terminal);
  const items = await collect(createClient(options).organizations.listAll());
  const isActive = ({ id, slug }: { readonly id: string; readonly slug: string }): boolean =>
    options.organization === undefined ? items.length === 1 : [id, slug].includes(options.organization);
  await showList(terminal, {
    items: items.map((organization) => ({ ...organization, active: isActive(organization) })),
    columns: {
      SLUG: ({ slug }) => slug,
      NAME: ({ name }) => name,
      ROLE: ({ role }) => role ?? '-',
      ACTIVE: ({ active }) => (active ? 'yes' : ''),
    },
    empty: 'You belong to no organization.',
  });
  return undefined;
};

export const listOrganizations: RunnableCommand = {
  name: 'list',
  summary: 'list the organizations you belong to',
  options: [organizationOption],
  examples: ['coffer org list'],
  load: () => Promise.resolve(act),
};
