import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { countOf } from '../../terminal/count-of.ts';
import { organizationOption } from '../options.ts';
import { agentArguments } from './agent-options.ts';

const act: CommandAction = async (given, terminal) => {
  const [agent = ''] = given.positionals;
  const client = openClient(given, terminal);
  const asked = await client.agents.restart(agent);
  if (terminal.json) {
    terminal.printJson(asked);
    return undefined;
  }
  const count = asked.stopping.length + asked.restarted.length;
  terminal.say(
    count === 0
      ? `No workloads of ${agent} are running.`
      : `Stopping ${countOf(count, 'workload')} of ${agent}${again(asked.restarted.length)}.`,
  );
  return undefined;
};

const again = (count: number): string =>
  count === 0 ? '' : `; starting ${count} again, where the runner has --restart or --on-rotate restart`;

export const restartAgent: RunnableCommand = {
  name: 'restart',
  summary: 'stop every workload of an agent; runners start those again that are told to',
  description:
    'A workload that is no invocation is started again by its `coffer run`, if that has --restart or\n' +
    '--on-rotate restart.',
  arguments: agentArguments,
  options: [organizationOption],
  examples: ['coffer agent restart support-bot'],
  load: () => Promise.resolve(act),
};
