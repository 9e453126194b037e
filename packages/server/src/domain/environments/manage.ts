import {
  CofferError,
  type EnvironmentCreate,
  type EnvironmentRecord,
  type EnvironmentUpdate,
  type Page,
} from '@coffer/contract';
import { toInstant } from '../clock.ts';
import type { Caller } from '../guard/caller.ts';
import type { Reading } from '../guard/operation.ts';
import { createId } from '../ids.ts';
import type { Environment } from './port.ts';

const toRecord = ({ id, slug, label, position, createdAt }: Environment): EnvironmentRecord => ({
  id,
  slug,
  label,
  position,
  createdAt: toInstant(createdAt),
});

/** The environment, by id or slug. Throws `environment_not_found`, naming the ones there are. */
export const getEnvironment = async (reading: Reading, idOrSlug: string): Promise<Environment> => {
  const environment = await reading.stores.environments.find(reading.organizationId, idOrSlug);
  if (environment !== undefined) return environment;
  const known = await reading.stores.environments.list(reading.organizationId);
  throw new CofferError('environment_not_found', {
    detail: 'The organization has no environment of this name.',
    hint: `It has: ${known.map(({ slug }) => slug).join(', ')}. Admins add one with: coffer environment create SLUG`,
  });
};

/** The slug of an environment there is, by its slug or id; for who changes none. */
export const rememberEnvironment = async (reading: Reading, idOrSlug: string): Promise<string> =>
  (await reading.accessRow(`environment/${idOrSlug}`, async () => getEnvironment(reading, idOrSlug))).slug;

/** The slug of a value slot: `*`, or that of an environment there is. */
export const getSlot = async (reading: Reading, slot: string): Promise<string> =>
  slot === '*' ? '*' : rememberEnvironment(reading, slot);

export const listEnvironments = async (caller: Caller): Promise<Page<EnvironmentRecord>> =>
  caller.guard.read(caller, async (reading) => {
    await reading.allow('environment.list');
    const environments = await reading.stores.environments.list(reading.organizationId);
    return { items: environments.map(toRecord), nextCursor: null };
  });

export const createEnvironment = async (
  caller: Caller,
  input: EnvironmentCreate,
): Promise<EnvironmentRecord> =>
  caller.guard.write(caller, 'environment.create', async (operation) => {
    await operation.allow('environment.manage');
    const { now, organizationId, stores } = operation;
    const known = await stores.environments.list(organizationId);
    const environment: Environment = {
      id: createId('environment', now),
      organizationId,
      slug: input.slug,
      label: input.label ?? input.slug,
      position: input.position ?? known.length,
      createdAt: now,
    };
    if (!(await stores.environments.insert(environment))) {
      throw new CofferError('environment_exists', {
        detail: `The organization has an environment ${input.slug}.`,
        hint: 'Choose another slug.',
      });
    }
    operation.changed();
    operation.record({ environment: environment.slug });
    return toRecord(environment);
  });

export const updateEnvironment = async (
  caller: Caller,
  idOrSlug: string,
  input: EnvironmentUpdate,
): Promise<EnvironmentRecord> =>
  caller.guard.write(caller, 'environment.update', async (operation) => {
    await operation.allow('environment.manage');
    const environment = await getEnvironment(operation, idOrSlug);
    const change = {
      ...(input.label === undefined ? {} : { label: input.label }),
      ...(input.position === undefined ? {} : { position: input.position }),
    };
    await operation.stores.environments.update(environment.id, change);
    operation.record({ environment: environment.slug, details: { fields: Object.keys(change) } });
    return toRecord({ ...environment, ...change });
  });

const usesShown = 20;

/** Refused while a secret has a value there, or the policy starts runs there by default. */
export const deleteEnvironment = async (caller: Caller, idOrSlug: string): Promise<void> =>
  caller.guard.write(caller, 'environment.delete', async (operation) => {
    await operation.allow('environment.manage');
    const { stores, organizationId } = operation;
    const environment = await getEnvironment(operation, idOrSlug);
    const uses = await stores.environments.listUses(organizationId, environment.slug, usesShown);
    const policy = await operation.policy();
    const isDefault = policy.default_environment === environment.slug;
    if (uses.length > 0 || isDefault) {
      throw new CofferError('environment_in_use', {
        detail: isDefault
          ? `${environment.slug} is the organization’s default environment.`
          : `Secrets still have a value in ${environment.slug}.`,
        hint: isDefault
          ? 'Choose another first: coffer policy set default_environment SLUG'
          : 'Remove or copy these values first: coffer secrets delete NAME --env SLUG',
        errors: uses.map(({ name }) => ({
          secret: name,
          environment: environment.slug,
          detail: `${name} has a value in ${environment.slug}`,
        })),
      });
    }
    await stores.environments.delete(environment.id);
    operation.changed();
    operation.record({ environment: environment.slug });
  });
