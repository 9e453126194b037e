import type { ErrorDetails, Policy } from '@coffer/contract';
import type { Caller, KeyCaller } from './caller.ts';
import { decide } from './decide.ts';
import type { Facts } from './operation.ts';
import { rights, type GuardedAct, type Target } from './rights.ts';

interface Refused {
  readonly target: Target;
  readonly policy: Policy;
  readonly facts: Facts;
}

/** The key, where nothing but its environments keeps it from the act. */
const findNarrowedKey = (caller: Caller, act: GuardedAct, refused: Refused): KeyCaller | undefined =>
  caller.type === 'key' && decide({ ...caller, environments: null }, act, refused).allowed
    ? caller
    : undefined;

/** Whose secret an id stands for is not told: an agent is named to who named it, or may look at it. */
const wordsOfAgent = (caller: Caller, { target, policy, facts }: Refused): string | undefined => {
  if (facts.agent === undefined || facts.secret !== undefined) return undefined;
  return decide(caller, 'agent.read', { target, policy }).allowed ? facts.agent.slug : undefined;
};

const describeNarrowed = (key: KeyCaller, act: GuardedAct, { target }: Refused): ErrorDetails => {
  const own = (key.environments ?? []).join(', ');
  if (rights[act].right === 'admin') {
    return {
      detail: `This key may not do this (${act}): it is for ${own} alone, and this serves every environment.`,
      hint: 'Use a key of all environments, or log in.',
    };
  }
  const asked = target.slots === 'all' ? ['*'] : [...(target.slots ?? []), target.environment ?? []].flat();
  const where = asked.includes('*') ? 'every environment' : asked.join(', ');
  return {
    detail: `This key may not do this (${act}) in ${where}: it is for ${own} alone.`,
    hint: `Name an environment of the key: --env ${key.environments?.[0] ?? 'ENVIRONMENT'}`,
  };
};

/** What who is refused hears: what it was that was asked for, and what helps; never a rule of the policy. */
export const describeRefusal = (caller: Caller, act: GuardedAct, refused: Refused): ErrorDetails => {
  const narrowed = findNarrowedKey(caller, act, refused);
  if (narrowed !== undefined) return describeNarrowed(narrowed, act, refused);
  const { agent, environment } = refused.facts;
  if (act === 'workload.start') {
    return {
      detail: `This caller may not start agent ${agent?.slug ?? ''} in ${environment ?? ''}.`,
      hint: 'Use an API key with the right run for this agent and environment, or ask an owner to allow your role in policy people_may_run.',
    };
  }
  const slug = wordsOfAgent(caller, refused);
  return {
    detail: `This caller may not do this (${act}${slug === undefined ? '' : `, agent ${slug}`}).`,
    hint: 'Ask an owner or admin of the organization, or use a credential that has the right.',
  };
};
