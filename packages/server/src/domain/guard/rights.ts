import type { Policy, Right, Role } from '@coffer/contract';
import type { Agent } from '../agents/port.ts';
import type { Project } from '../projects/port.ts';
import type { Standing } from './caller.ts';

/**
 * Who may do what, as one table. A rule names who among people may act, which right an API key
 * needs for it, and how far the key must reach: `organization` acts need a key that is bound to no
 * agent or project, `place` acts one that reaches the target, `context` acts tell nothing worth narrowing.
 */
export interface Rule {
  readonly who: Who;
  readonly right: Right | 'any';
  readonly reach: 'organization' | 'place' | 'context';
}

/** What an act is done to. `slots` are the value slots touched; `all` where it touches the whole secret. */
export interface Target {
  readonly agent?: Pick<Agent, 'id' | 'ownerId' | 'projectId'>;
  readonly project?: Pick<Project, 'id' | 'managers'>;
  readonly slots?: readonly string[] | 'all';
  readonly environment?: string;
}

export interface Question {
  readonly member: Standing;
  readonly target: Target;
  readonly policy: Policy;
}

/** A group of people, with the words the documentation uses for it. */
export interface Who {
  readonly words: string;
  includes(question: Question): boolean;
}

const hasRole = (...roles: Role[]) => {
  const set: ReadonlySet<Role> = new Set(roles);
  return ({ member }: Question): boolean => set.has(member.role);
};
const isAdmin = hasRole('owner', 'admin');
const isAgentOwner = ({ member, target }: Question): boolean =>
  member.role !== 'auditor' && target.agent?.ownerId === member.id;

const everyone: Who = { words: 'every member and auditor', includes: () => true };
const admins: Who = { words: 'owners and admins', includes: isAdmin };
const trailReaders: Who = {
  words: 'owners, admins and auditors',
  includes: hasRole('owner', 'admin', 'auditor'),
};
const agentHolders: Who = {
  words: 'the agent’s owner, owners and admins',
  includes: (question) => isAdmin(question) || isAgentOwner(question),
};
const agentMakers: Who = {
  words:
    'owners and admins; with policy `agent_creation: members` members too, where the project names managers only they',
  includes: (question) => {
    const { member, policy, target } = question;
    const managers = target.project?.managers ?? null;
    if (isAdmin(question) || member.role !== 'member') return isAdmin(question);
    return policy.agent_creation === 'members' && (managers === null || managers.includes(member.id));
  },
};
const vaultWriters: Who = {
  words:
    'owners and admins; owners alone with `organization_writes: owner_only`; members too with `organization_access: all_members`',
  includes: ({ member, policy }) => {
    if (member.role === 'owner') return true;
    if (policy.organization_access === 'all_members') return member.role !== 'auditor';
    return member.role === 'admin' && policy.organization_writes === 'owner_or_admin';
  },
};
const projectWriters: Who = {
  words: 'as the vault; where the project names managers, they, owners and admins alone',
  includes: (question) => {
    const managers = question.target.project?.managers ?? null;
    if (managers === null) return vaultWriters.includes(question);
    return isAdmin(question) || (question.member.role !== 'auditor' && managers.includes(question.member.id));
  },
};
/** An environment may be called what every object has, such as `constructor`. */
const startRoles = (policy: Policy, environment: string): readonly Role[] =>
  Object.hasOwn(policy.people_may_run, environment) ? (policy.people_may_run[environment] ?? []) : [];

const starters: Who = {
  words:
    'people of the roles that policy `people_may_run` names for the environment (members: their own agents only); API keys with `run` for the agent and environment',
  includes: (question) => {
    const { member, target, policy } = question;
    const roles = startRoles(policy, target.environment ?? '');
    return roles.includes(member.role) && (isAdmin(question) || isAgentOwner(question));
  },
};
/** A member starts an agent of that member by an own key in development, elsewhere where the policy lets members. */
const memberStarts = (policy: Policy, slot: string): boolean =>
  slot === '*' || slot === 'development' || startRoles(policy, slot).includes('member');
const copiers: Who = {
  words:
    'who may write the secret; members only from where members may start an agent (`*`, development, policy `people_may_run`), or to where they may not',
  includes: (question) => {
    const { environment, slots } = question.target;
    if (isAdmin(question) || slots === undefined || environment === undefined) return isAdmin(question);
    const opens = (slot: string): boolean => memberStarts(question.policy, slot);
    return opens(environment) || (slots !== 'all' && !slots.some(opens));
  },
};
const keyMakers: Who = {
  words: 'members for what they may do themselves, auditors not at all',
  includes: hasRole('owner', 'admin', 'member'),
};

const rule = (who: Who, right: Right | 'any', reach: Rule['reach']): Rule => ({ who, right, reach });

export const rights = {
  'organization.read': rule(everyone, 'any', 'context'),
  'member.list': rule(everyone, 'admin', 'organization'),
  'member.manage': rule(admins, 'admin', 'organization'),
  'project.list': rule(everyone, 'read', 'context'),
  'project.manage': rule(admins, 'admin', 'organization'),
  'environment.list': rule(everyone, 'read', 'context'),
  'environment.manage': rule(admins, 'admin', 'organization'),
  'agent.list': rule(everyone, 'read', 'context'),
  'agent.read': rule(everyone, 'read', 'place'),
  'agent.create': rule(agentMakers, 'admin', 'organization'),
  'agent.move': rule(admins, 'admin', 'organization'),
  'agent.delete': rule(agentHolders, 'admin', 'place'),
  'agent.restart': rule(agentHolders, 'deploy', 'place'),
  'key.list': rule(keyMakers, 'admin', 'organization'),
  'key.create': rule(keyMakers, 'admin', 'organization'),
  'key.revoke': rule(keyMakers, 'admin', 'organization'),
  'policy.read': rule(everyone, 'read', 'context'),
  'policy.set': rule(admins, 'admin', 'organization'),
  'audit.read': rule(trailReaders, 'admin', 'organization'),
  'vault.read': rule(everyone, 'read', 'organization'),
  'vault.write': rule(vaultWriters, 'write', 'organization'),
  'project_secret.read': rule(everyone, 'read', 'place'),
  'project_secret.write': rule(projectWriters, 'write', 'place'),
  'agent_secret.read': rule(agentHolders, 'read', 'place'),
  'agent_secret.write': rule(agentHolders, 'write', 'place'),
  'value.copy': rule(copiers, 'write', 'context'),
  'workload.start': rule(starters, 'run', 'place'),
  'workload.list': rule(everyone, 'read', 'context'),
  'workload.read': rule(
    {
      words: 'the agent’s owner, owners, admins and auditors',
      includes: (question) => trailReaders.includes(question) || isAgentOwner(question),
    },
    'read',
    'place',
  ),
  'workload.stop': rule(agentHolders, 'deploy', 'place'),
} as const satisfies Record<string, Rule>;

export type GuardedAct = keyof typeof rights;
