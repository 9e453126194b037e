import type { Command } from '@coffer/contract';

/** The verb-noun forms: `coffer create agentenvvar` and its sisters. */
export const verbCommands: readonly Command[] = [
  {
    name: 'create',
    summary: 'create agentenvvar: a secret of an agent',
    commands: async () => [(await import('./create.ts')).createVariable],
  },
  {
    name: 'list',
    summary: 'list agentenvvars: the secrets of an agent',
    commands: async () => [(await import('./list.ts')).listVariables],
  },
  {
    name: 'update',
    summary: 'update agentenvvar: change a secret of an agent',
    commands: async () => [(await import('./update.ts')).updateVariable],
  },
  {
    name: 'describe',
    summary: 'describe agentenvvar: show the metadata of an agent’s secret',
    commands: async () => [(await import('./describe.ts')).describeVariable],
  },
  {
    name: 'delete',
    summary: 'delete agentenvvar: delete a secret of an agent',
    commands: async () => [(await import('./delete.ts')).deleteVariable],
  },
];
