import type { CommandArgument, CommandInput, CommandOption } from '@coffer/contract';
import { organizationOption, projectOption } from '../options.ts';

export const agentArguments: readonly CommandArgument[] = [
  { name: 'agent', completes: 'agent', summary: 'the agent, by slug or id' },
];

export const belongingOptions: readonly CommandOption[] = [
  projectOption,
  { name: 'owner', value: 'EMAIL', completes: 'member', summary: 'the member who owns the agent' },
  organizationOption,
];

export function readBelonging(given: CommandInput): { project?: string; owner?: string } {
  const project = given.text('project');
  const owner = given.text('owner');
  return { ...(project === undefined ? {} : { project }), ...(owner === undefined ? {} : { owner }) };
}
