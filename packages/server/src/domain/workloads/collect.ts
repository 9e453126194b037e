import { CofferError, isSecretName, type ErrorItem } from '@coffer/contract';
import type { AgentRow } from '../agents/port.ts';
import type { Collectable, CollectableVersion } from '../secrets/port.ts';
import { itemOfUnreadable, type Unreadable } from '../secrets/value.ts';
import type { Stores } from '../stores.ts';

export type Source = 'built-in' | 'project' | 'agent' | 'slot';

/** One environment variable of a start: the winning secret of a name, and its value slot or why it has none. */
export interface Collected {
  readonly name: string;
  readonly source: Source;
  readonly secret: Collectable;
  readonly version: CollectableVersion | undefined;
  /** Where there is no version: slots the secret has a value in; for the words of an error. */
  readonly slots: readonly string[];
}

const rank: Record<Source, number> = { 'built-in': 0, project: 1, agent: 2, slot: 3 };

/** Slots in which these secrets have a value. */
const listHeld = async (stores: Stores, secrets: readonly Collectable[]): Promise<Map<string, string[]>> => {
  const held = new Map<string, string[]>();
  if (secrets.length === 0) return held;
  for (const { secretId, environment, current } of await stores.secrets.listSlots(
    secrets.map(({ id }) => id),
  ))
    if (current !== null) held.set(secretId, [...(held.get(secretId) ?? []), environment]);
  return held;
};

/**
 * What an agent gets in an environment, by name. The name decides first: among secrets of one name the
 * agent's wins over the project's, and a winner without a value does not fall back. Its value is the
 * exact environment's, else that of `*`, never another environment's.
 */
export const collect = async (
  stores: Stores,
  agent: AgentRow,
  environment: string,
): Promise<readonly Collected[]> => {
  const { id: agentId, projectId } = agent;
  const found = await stores.secrets.listForAgent({ agentId, projectId }, [environment, '*']);
  const winners = new Map<string, Omit<Collected, 'slots'>>();
  for (const [secret, version] of found) {
    const source = secret.scope === 'agent' ? 'agent' : 'project';
    const known = winners.get(secret.name);
    const isBetter =
      known === undefined ||
      rank[source] > rank[known.source] ||
      (known.secret.id === secret.id && version?.environment === environment);
    if (isBetter) winners.set(secret.name, { name: secret.name, source, secret, version });
  }
  const kept = [...winners.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
  const held = await listHeld(
    stores,
    kept.filter(({ version }) => version === undefined).map(({ secret }) => secret),
  );
  return kept.map((one) => ({ ...one, slots: held.get(one.secret.id) ?? [] }));
};

/** Only these names; one that the agent does not get is a problem of its own. */
export const narrow = (
  collected: readonly Collected[],
  only: readonly string[] | undefined,
): { readonly kept: readonly Collected[]; readonly unknown: readonly string[] } => {
  if (only === undefined) return { kept: collected, unknown: [] };
  const names = new Set(only);
  return {
    kept: collected.filter(({ name }) => names.has(name)),
    unknown: [...names].filter((name) => !collected.some((one) => one.name === name)),
  };
};

export const problemOf = (one: Collected, environment: string): ErrorItem | undefined => {
  if (one.version !== undefined) return undefined;
  return {
    code: 'no_value_for_environment',
    name: one.name,
    secret: one.secret.name,
    environment,
    detail: `${one.secret.name} (${one.source}) has no value for ${environment}; it has one in: ${one.slots.join(', ')}`,
  };
};

/** Names of what keeps a start from happening, for its event; what was asked for only where it can be a name. */
export const nameMissing = (set: {
  kept: readonly Collected[];
  unknown: readonly string[];
}): readonly string[] => [
  ...set.kept.filter(({ version }) => version === undefined).map(({ name }) => name),
  ...set.unknown.filter(isSecretName),
];

/**
 * Everything that keeps a start from happening, in one error. Throws `env_unresolved` where a value is
 * missing; what does not open is in its list too, and an error of its own where nothing is missing.
 */
export const refuseUnresolved = (
  set: {
    kept: readonly Collected[];
    unknown: readonly string[];
    unreadable: readonly Unreadable[];
  },
  agent: AgentRow,
  environment: string,
): void => {
  const errors: ErrorItem[] = set.unknown.map((name) => ({
    code: 'secret_not_found',
    name,
    environment,
    detail: `${name} was asked for, and the agent gets no secret of this name`,
  }));
  for (const one of set.kept) {
    const problem = problemOf(one, environment);
    if (problem !== undefined) errors.push(problem);
  }
  if (errors.length === 0) return;
  const [first] = errors;
  const name = first?.secret ?? first?.name ?? 'NAME';
  const missing = errors.length === 1 ? 'one variable is missing' : `${errors.length} variables are missing`;
  const unreadable = set.unreadable.map(itemOfUnreadable);
  const broken =
    unreadable.length === 0 ? '' : `, and of ${unreadable.length} the stored value does not open`;
  throw new CofferError('env_unresolved', {
    detail: `Agent ${agent.slug} cannot start in ${environment}: ${missing}${broken}.`,
    hint: `Set what is missing, for example: coffer secrets set ${agent.slug} ${name} --env ${environment}`,
    errors: [...errors, ...unreadable],
  });
};

/** `env_too_large`, naming the sum and the limit; counts a name, a value, `=` and the end of each. */
export const findTooLarge = (
  set: readonly Collected[],
  agent: AgentRow,
  maxBytes: number,
): CofferError | undefined => {
  const bytes = set.reduce(
    (sum, { name, version }) => sum + Buffer.byteLength(name) + (version?.byteLength ?? 0) + 2,
    0,
  );
  if (bytes <= maxBytes) return undefined;
  return new CofferError('env_too_large', {
    detail: `The environment of agent ${agent.slug} has ${bytes} bytes; the limit of a process here is ${maxBytes}.`,
    hint: 'Deliver fewer secrets (coffer run --only NAME), or have the operator raise --environment-max-bytes.',
  });
};
