import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { collect } from '../collect.ts';
import { organizationOption, projectOption } from '../options.ts';
import { showInstant } from '../read-option.ts';
import { showList } from '../show-list.ts';

const act: CommandAction = async (given, terminal) => {
  const project = given.text('project');
  const client = openClient(given, terminal);
  await showList(terminal, {
    items: await collect(client.agents.listAll(project === undefined ? {} : { project })),
    columns: {
      SLUG: ({ slug }) => slug,
      PROJECT: (agent) => agent.project,
      OWNER: ({ owner }) => owner,
      CREATED: ({ createdAt }) => showInstant(createdAt),
    },
    empty: project === undefined ? 'No agents in the organization.' : `No agents in project ${project}.`,
  });
  return undefined;
};

export const listAgents: RunnableCommand = {
  name: 'list',
  aliases: ['ls'],
  summary: 'list agents',
  options: [projectOption, organizationOption],
  examples: ['coffer agent list', 'coffer agent list --project billing'],
  load: () => Promise.resolve(act),
};
