import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { collect } from '../collect.ts';
import { agentOption, environmentOption, organizationOption } from '../options.ts';
import { showInstant } from '../read-option.ts';
import { showPreviews, showReceived } from '../secrets/list.ts';
import { showList } from '../show-list.ts';
import { noun, readAgent } from './words.ts';

const act: CommandAction = async (given, terminal) => {
  const place = readAgent(given);
  const client = openClient(given, terminal);
  if (given.has('all')) {
    const environment = given.text('environment');
    const query = environment === undefined ? {} : { environment };
    const { items } = await client.agents.received(given.text('agent') ?? '', query);
    await showReceived(terminal, items, place.words);
    return undefined;
  }
  await showList(terminal, {
    items: await collect(client.secrets.listAll(place.owner)),
    columns: {
      ID: ({ id }) => id,
      KEY: ({ name }) => name,
      PREVIEW: showPreviews,
      DESCRIPTION: ({ description }) => description,
      UPDATED: ({ updatedAt }) => showInstant(updatedAt),
    },
    empty: `No secrets in ${place.words}.`,
  });
  return undefined;
};

export const listVariables: RunnableCommand = {
  ...noun,
  summary: 'list the secrets of an agent: id, key, masked preview, description, updated',
  options: [
    agentOption,
    organizationOption,
    { name: 'all', summary: 'everything the agent can receive, with its source' },
    { ...environmentOption, summary: 'with --all: the environment it would start in' },
  ],
  examples: [
    'coffer list agentenvvars --agent support-bot',
    'coffer list agentenvvars --agent support-bot --all',
  ],
  load: () => Promise.resolve(act),
};
