import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { organizationOption } from '../options.ts';

const act: CommandAction = async (given, terminal) => {
  const client = openClient(given, terminal);
  const workload = await client.workloads.stop(given.positionals[0] ?? '');
  if (terminal.json) terminal.printJson(workload);
  else terminal.say(`${workload.id} (${workload.agent}, ${workload.environment}) is ${workload.state}.`);
  return undefined;
};

export const stopWorkload: RunnableCommand = {
  name: 'stop',
  summary: 'ask a workload’s runner to stop its process',
  arguments: [{ name: 'id', summary: 'the workload’s id' }],
  options: [organizationOption],
  examples: ['coffer workloads stop wrk_01JD0000000000000000000000'],
  load: () => Promise.resolve(act),
};
