import type { ErrorCode, Policy, Right } from '@coffer/contract';
import type { KeyCaller, OperatorCaller, PersonCaller, WorkloadCaller } from './caller.ts';
import { rights, type GuardedAct, type Target } from './rights.ts';

/** Allowed, or the one code the caller hears; the reason stays in the audit trail. */
export type Decision =
  { readonly allowed: true } | { readonly allowed: false; readonly code: ErrorCode; readonly reason: string };

type KeyReach = Pick<KeyCaller, 'agentId' | 'projectId' | 'environments'>;

/** What of a caller decides. */
export type Asker =
  | Pick<PersonCaller, 'type' | 'member'>
  | (Pick<KeyCaller, 'type' | 'member' | 'rights'> & KeyReach)
  | Pick<WorkloadCaller, 'type'>
  | Pick<OperatorCaller, 'type'>;

const allowed: Decision = { allowed: true };
const refused = (code: ErrorCode, reason: string): Decision => ({ allowed: false, code, reason });

/** `admin` includes what it administers; it never includes `run`, which is given by itself. */
export const keyHasRight = (held: readonly Right[], needed: Right | 'any'): boolean =>
  needed === 'any' || held.includes(needed) || (needed !== 'run' && held.includes('admin'));

const keyReaches = (key: KeyReach, target: Target, reach: 'organization' | 'place' | 'context'): boolean => {
  if (reach === 'context') return true;
  if (key.agentId === null && key.projectId === null) return true;
  if (reach === 'organization') return false;
  if (key.agentId !== null) return target.agent?.id === key.agentId;
  return (target.agent?.projectId ?? target.project?.id) === key.projectId;
};

/** What needs `admin` serves every environment, so a key of some environments does not do it. */
const keyCoversSlots = (key: KeyReach, target: Target, right: Right | 'any'): boolean => {
  const { environments } = key;
  if (environments === null) return true;
  if (right === 'admin') return false;
  if (target.environment !== undefined && !environments.includes(target.environment)) return false;
  if (target.slots === undefined) return true;
  return target.slots !== 'all' && target.slots.every((slot) => environments.includes(slot));
};

/**
 * The decision behind every act: first what the person (or the key's maker) may do, then what the key
 * is narrowed to. Starting is the exception of R-076: a key's `run` does not rest on its maker's role.
 */
export const decide = (
  caller: Asker,
  act: GuardedAct,
  context: { target: Target; policy: Policy },
): Decision => {
  const { target, policy } = context;
  const rule = rights[act];
  const code = act === 'workload.start' ? 'run_forbidden' : 'forbidden';
  if (caller.type === 'operator') return allowed;
  if (caller.type === 'workload') return refused(code, 'a workload token is good for its own link only');
  if (caller.member === null) return refused(code, 'not a member of the organization');
  const keyStarts = caller.type === 'key' && act === 'workload.start';
  if (!keyStarts && !rule.who.includes({ member: caller.member, target, policy })) {
    return refused(code, `role ${caller.member.role} may not ${act}`);
  }
  if (caller.type === 'person') return allowed;
  if (!keyHasRight(caller.rights, rule.right)) return refused(code, `the key lacks the right ${rule.right}`);
  if (!keyReaches(caller, target, rule.reach)) return refused(code, 'the key does not reach this place');
  if (!keyCoversSlots(caller, target, rule.right))
    return refused(code, 'the key does not cover this environment');
  return allowed;
};
