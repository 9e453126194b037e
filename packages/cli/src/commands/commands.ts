import type { Command } from '@coffer/contract';
import { verbCommands } from './agentenvvar/commands.ts';
import { completion } from './completion/completion.ts';
import { mask } from './mask/command.ts';
import { run } from './run/command.ts';
import { login } from './session/login.ts';
import { logout } from './session/logout.ts';
import { whoami } from './session/whoami.ts';

/** The nouns and verbs below `coffer`; what lies below them loads when it is asked for. */
export const commands: readonly Command[] = [
  run,
  mask,
  {
    name: 'secrets',
    aliases: ['secret'],
    summary: 'secrets of agents, of projects and of the organization’s vault',
    commands: async () => (await import('./secrets/commands.ts')).secretCommands,
  },
  {
    name: 'agent',
    aliases: ['agents'],
    summary: 'agents, which secrets are for',
    commands: async () => (await import('./agents/commands.ts')).agentCommands,
  },
  {
    name: 'workloads',
    aliases: ['workload'],
    summary: 'what was started, and what still runs',
    commands: async () => (await import('./workloads/commands.ts')).workloadCommands,
  },
  {
    name: 'project',
    aliases: ['projects'],
    summary: 'projects: agents that share secrets',
    commands: async () => (await import('./projects/commands.ts')).projectCommands,
  },
  {
    name: 'environment',
    aliases: ['environments'],
    summary: 'environments that values are kept for',
    commands: async () => (await import('./environments/commands.ts')).environmentCommands,
  },
  {
    name: 'member',
    aliases: ['members'],
    summary: 'people in the organization, and their roles',
    commands: async () => (await import('./members/commands.ts')).memberCommands,
  },
  {
    name: 'key',
    aliases: ['keys'],
    summary: 'API keys for machines',
    commands: async () => (await import('./keys/commands.ts')).keyCommands,
  },
  {
    name: 'policy',
    aliases: ['policies'],
    summary: 'the organization’s policy',
    commands: async () => (await import('./policy/commands.ts')).policyCommands,
  },
  {
    name: 'audit',
    summary: 'the audit trail',
    commands: async () => (await import('./audit/commands.ts')).auditCommands,
  },
  {
    name: 'org',
    aliases: ['organization', 'orgs', 'organizations'],
    summary: 'the organizations you belong to',
    commands: async () => (await import('./organizations/commands.ts')).organizationCommands,
  },
  login,
  logout,
  whoami,
  ...verbCommands,
  completion,
];
