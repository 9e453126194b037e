import type { CommandAction, RunnableCommand, WorkloadQuery, WorkloadState } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { agentOption, environmentOption, organizationOption } from '../options.ts';
import { readWholeNumber, showInstant } from '../read-option.ts';
import { showList } from '../show-list.ts';
import { take } from '../take.ts';

const states: readonly WorkloadState[] = [
  'starting',
  'running',
  'stopping',
  'stopped',
  'failed',
  'lost',
  'detached',
];

const act: CommandAction = async (given, terminal) => {
  const agent = given.text('agent');
  const environment = given.text('environment');
  const state = given.text('state') as WorkloadState | undefined;
  const limit = readWholeNumber('limit', given.text('limit') ?? '100', 1);
  const query: WorkloadQuery = {
    limit: Math.min(limit, 1000),
    ...(agent === undefined ? {} : { agent }),
    ...(environment === undefined ? {} : { environment }),
    ...(state === undefined ? {} : { state }),
  };
  const client = openClient(given, terminal);
  const { items, more } = await take(client.workloads.listAll(query), limit);
  await showList(terminal, {
    items,
    columns: {
      ID: ({ id }) => id,
      AGENT: (workload) => workload.agent,
      ENVIRONMENT: (workload) => workload.environment,
      STATE: (workload) => workload.state,
      STARTED: ({ startedAt }) => showInstant(startedAt),
      ENDED: ({ endedAt }) => showInstant(endedAt),
      STATUS: ({ exitStatus }) => (exitStatus === null ? '-' : String(exitStatus)),
      STALE: ({ stale }) => stale.join(', '),
    },
    empty: `No workloads${agent === undefined ? '' : ` of agent ${agent}`}${state === undefined ? '' : ` that are ${state}`}.`,
  });
  if (more) terminal.say(`There are more; --limit shows more than ${limit}.`);
  return undefined;
};

export const listWorkloads: RunnableCommand = {
  name: 'list',
  aliases: ['ls'],
  summary: 'list workloads, newest first: state, and which hold old versions of secrets',
  options: [
    agentOption,
    environmentOption,
    { name: 'state', value: 'STATE', choices: states, summary: 'only those in this state' },
    { name: 'limit', value: 'N', summary: 'how many at most (100)' },
    organizationOption,
  ],
  examples: ['coffer workloads list', 'coffer workloads list --agent support-bot --state running'],
  load: () => Promise.resolve(act),
};
