import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { collect } from '../collect.ts';
import { organizationOption } from '../options.ts';
import { showInstant } from '../read-option.ts';
import { showList } from '../show-list.ts';

const act: CommandAction = async (given, terminal) => {
  const client = openClient(given, terminal);
  await showList(terminal, {
    items: await collect(client.keys.listAll()),
    columns: {
      ID: ({ id }) => id,
      NAME: ({ name }) => name,
      FOR: ({ agent, project }) => agent ?? (project === null ? 'organization' : `project ${project}`),
      ENVIRONMENTS: ({ environments }) => environments?.join(', ') ?? 'all',
      RIGHTS: ({ rights }) => rights.join(', '),
      MAKER: ({ maker, madeByKey }) => (madeByKey === null ? maker : `${maker} (${madeByKey})`),
      EXPIRES: ({ expiresAt }) => showInstant(expiresAt),
      'LAST USED': ({ lastUsedAt }) => showInstant(lastUsedAt),
      REVOKED: ({ revokedAt }) => showInstant(revokedAt),
    },
    empty: 'No API keys that you may see.',
  });
  return undefined;
};

export const listKeys: RunnableCommand = {
  name: 'list',
  aliases: ['ls'],
  summary: 'list API keys with their last use, never the keys themselves',
  options: [organizationOption],
  examples: ['coffer key list'],
  load: () => Promise.resolve(act),
};
