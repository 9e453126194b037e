import type { CommandOption } from '@coffer/contract';

/** Options that many commands have, spelled once. */
export const organizationOption: CommandOption = {
  name: 'organization',
  aliases: ['org'],
  value: 'SLUG',
  completes: 'organization',
  summary: 'the organization; else COFFER_ORG, else the one chosen by `coffer org use`',
};

export const agentOption: CommandOption = {
  name: 'agent',
  value: 'AGENT',
  completes: 'agent',
  summary: 'the agent, by slug or id',
};

export const projectOption: CommandOption = {
  name: 'project',
  value: 'PROJECT',
  completes: 'project',
  summary: 'the project, by slug or id',
};

export const environmentOption: CommandOption = {
  name: 'environment',
  aliases: ['env'],
  value: 'ENVIRONMENT',
  completes: 'environment',
  summary: 'the environment',
};

export const yesOption: CommandOption = { name: 'yes', short: 'y', summary: 'do not ask' };
