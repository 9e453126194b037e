import type { RunnableCommand } from '@coffer/contract';
import { agentOption, environmentOption, organizationOption } from '../options.ts';

export const mask: RunnableCommand = {
  name: 'mask',
  summary: 'mask the secrets of an agent in what goes through',
  description: [
    'Reads stdin and writes it to stdout with every secret of the agent replaced by [masked:NAME]. Needs the',
    'right to start the agent, and is recorded as a start.',
  ].join('\n'),
  options: [agentOption, environmentOption, organizationOption],
  examples: ['some-job 2>&1 | coffer mask --agent support-bot'],
  load: async () => (await import('./mask.ts')).maskInput,
};
