import { CofferError, type ErrorItem } from '@coffer/contract';
import type { Agent } from '../agents/port.ts';
import type { Secret, Version } from '../secrets/port.ts';
import type { Stores } from '../stores.ts';

export type Source = 'built-in' | 'project' | 'agent' | 'slot';

/** One environment variable of a start: the winning secret of a name, and its value slot or why it has none. */
export interface Collected {
  readonly name: string;
  readonly source: Source;
  readonly secret: Secret;
  readonly version: Version | undefined;
  /** Slots the secret has a value in; for the words of an error. */
  readonly slots: readonly string[];
}

const rank: Record<Source, number> = { 'built-in': 0, project: 1, agent: 2, slot: 3 };

/** The exact environment's value, else `*`, never another environment's (R-030). */
const pickVersion = (versions: readonly Version[], environment: string): Version | undefined =>
  versions.find((version) => version.environment === environment) ??
  versions.find((version) => version.environment === '*');

/**
 * What an agent gets in an environment, by name. The name decides first: among secrets of one name the
 * agent's wins over the project's, and a winner without a value does not fall back (R-098).
 */
export const collect = async (
  stores: Stores,
  agent: Agent,
  environment: string,
): Promise<readonly Collected[]> => {
  const secrets = await stores.secrets.listForAgent(agent.id, agent.projectId);
  const winners = new Map<string, { secret: Secret; source: Source }>();
  for (const secret of secrets) {
    const source = secret.scope === 'agent' ? 'agent' : 'project';
    const known = winners.get(secret.name);
    if (known === undefined || rank[source] > rank[known.source])
      winners.set(secret.name, { secret, source });
  }
  const current = await stores.secrets.listCurrent([...winners.values()].map(({ secret }) => secret.id));
  const versionsOf = new Map<string, Version[]>();
  for (const version of current) {
    const list = versionsOf.get(version.secretId);
    if (list === undefined) versionsOf.set(version.secretId, [version]);
    else list.push(version);
  }
  return [...winners]
    .map(([name, { secret, source }]) => {
      const versions = versionsOf.get(secret.id) ?? [];
      const slots = versions.map((version) => version.environment);
      return { name, source, secret, version: pickVersion(versions, environment), slots };
    })
    .sort((left, right) => (left.name < right.name ? -1 : 1));
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

/** Everything that keeps a start from happening, in one error (R-110). Throws `env_unresolved`. */
export const refuseUnresolved = (
  set: { kept: readonly Collected[]; unknown: readonly string[] },
  agent: Agent,
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
  throw new CofferError('env_unresolved', {
    detail: `Agent ${agent.slug} cannot start in ${environment}: ${errors.length === 1 ? 'one variable is' : `${errors.length} variables are`} missing.`,
    hint: `Set what is missing, for example: coffer secrets set ${agent.slug} ${name} --env ${environment}`,
    errors,
  });
};

/** Throws `env_too_large`, naming the sum and the limit; counts a name, a value, `=` and the end of each. */
export const refuseTooLarge = (set: readonly Collected[], agent: Agent, maxBytes: number): void => {
  const bytes = set.reduce(
    (sum, { name, version }) => sum + Buffer.byteLength(name) + (version?.byteLength ?? 0) + 2,
    0,
  );
  if (bytes <= maxBytes) return;
  throw new CofferError('env_too_large', {
    detail: `The environment of agent ${agent.slug} has ${bytes} bytes; the limit of a process here is ${maxBytes}.`,
    hint: 'Deliver fewer secrets (coffer run --only NAME), or have the operator raise --environment-max-bytes.',
  });
};
