import type { CommandAction, RunnableCommand, WorkloadState } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { organizationOption } from '../options.ts';

const act: CommandAction = async (given, terminal) => {
  const client = openClient(given, terminal);
  const workload = await client.workloads.stop(given.positionals[0] ?? '');
  if (terminal.json) terminal.printJson(workload);
  else {
    const { id, agent, environment, state } = workload;
    terminal.say(`${id} (${agent}, ${environment}) is ${state}${unreached[state] ?? ''}.`);
  }
  return workload.state in unreached ? 1 : 0;
};

/** Nobody was heard who could stop the process. */
const unreached: Partial<Record<WorkloadState, string>> = {
  detached:
    ': it was started with --exec, or its runner is silent, so nobody is there to stop it; end the process where it runs',
  lost: ': its runner is silent; it stops when that is heard again',
};

export const stopWorkload: RunnableCommand = {
  name: 'stop',
  summary: 'ask a workload’s runner to stop its process',
  arguments: [{ name: 'id', summary: 'the workload’s id' }],
  options: [organizationOption],
  examples: ['coffer workloads stop wrk_01JD0000000000000000000000'],
  load: () => Promise.resolve(act),
};
