import {
  CofferError,
  type EnvironmentCreate,
  type EnvironmentRecord,
  type EnvironmentUpdate,
  type ErrorItem,
  type Page,
} from '@coffer/contract';
import { toInstant } from '../clock.ts';
import type { Caller } from '../guard/caller.ts';
import type { Operation, Reading } from '../guard/operation.ts';
import { createId } from '../ids.ts';
import { selectorOf, wordsOfPlace } from '../secrets/missing.ts';
import { placeOf } from '../secrets/place.ts';
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

/**
 * A list that found nothing of a slot: throws `environment_not_found` where there is no such environment. One that
 * was deleted still has its history, so whoever finds something is not asked.
 */
export const checkEmptyFilter = async (
  reading: Reading,
  found: { readonly length: number },
  slot: string | undefined,
): Promise<void> => {
  if (found.length === 0 && slot !== undefined) await getSlot(reading, slot);
};

export const listEnvironments = async (caller: Caller): Promise<Page<EnvironmentRecord>> =>
  caller.guard.read(caller, async (reading) => {
    await reading.allow('environment.list');
    const environments = await reading.stores.environments.list(reading.organizationId);
    return { items: environments.map(toRecord), nextCursor: null };
  });

/** Makes room at a position: who has it, and who is right behind, moves back by one. */
const makeRoom = async (
  operation: Operation,
  others: readonly Environment[],
  position: number,
): Promise<void> => {
  let taken = position;
  for (const other of others) {
    if (other.position < position) continue;
    if (other.position > taken) return;
    taken += 1;
    await operation.stores.environments.update(other.id, { position: taken });
  }
};

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
      position: input.position ?? Math.max(-1, ...known.map((one) => one.position)) + 1,
      createdAt: now,
    };
    if (!(await stores.environments.insert(environment))) {
      throw new CofferError('environment_exists', {
        detail: `The organization has an environment ${input.slug}.`,
        hint: 'Choose another slug.',
      });
    }
    await makeRoom(operation, known, environment.position);
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
    if (input.position !== undefined) {
      const known = await operation.stores.environments.list(operation.organizationId);
      const others = known.filter(({ id }) => id !== environment.id);
      await makeRoom(operation, others, input.position);
    }
    await operation.stores.environments.update(environment.id, change);
    operation.record({ environment: environment.slug, details: { fields: Object.keys(change) } });
    return toRecord({ ...environment, ...change });
  });

const usesShown = 20;

/** A secret that keeps the environment in use: whose it is, and the command that takes its value away. */
const describeUse = async (
  operation: Operation,
  environment: string,
  secretId: string,
): Promise<{ readonly item: ErrorItem; readonly command: string } | undefined> => {
  const secret = await operation.stores.secrets.find(operation.organizationId, secretId);
  if (secret === undefined) return undefined;
  const place = await placeOf(operation, secret);
  const owner = wordsOfPlace(place);
  const isDeleted = secret.deletedAt !== null;
  const state = isDeleted ? ', deleted and still to be restored,' : '';
  return {
    item: {
      secret: secret.name,
      environment,
      ...(place.agent !== undefined && { agent: place.agent.slug }),
      ...(place.agent === undefined && place.project !== undefined && { project: place.project.slug }),
      detail: `${secret.name} of ${owner}${state} has a value in ${environment}`,
    },
    command: isDeleted
      ? `coffer secrets delete --id ${secret.id} --purge`
      : `coffer secrets delete ${selectorOf(place)}${secret.name} --env ${environment}`,
  };
};

const refuseInUse = async (operation: Operation, environment: string): Promise<void> => {
  const { stores, organizationId } = operation;
  const found = await stores.environments.listUses(organizationId, environment, usesShown);
  if (found.length === 0) return;
  const uses: { readonly item: ErrorItem; readonly command: string }[] = [];
  for (const { secretId } of found) {
    const use = await describeUse(operation, environment, secretId);
    if (use !== undefined) uses.push(use);
  }
  throw new CofferError('environment_in_use', {
    detail: `Secrets still have a value in ${environment}.`,
    hint: `Copy these values elsewhere or remove them first, the first with: ${uses[0]?.command ?? 'coffer secrets delete NAME --env SLUG'}`,
    errors: uses.map(({ item }) => item),
  });
};

/** Refused while a secret has a value there, or the policy starts runs there by default. */
export const deleteEnvironment = async (caller: Caller, idOrSlug: string): Promise<void> =>
  caller.guard.write(caller, 'environment.delete', async (operation) => {
    await operation.allow('environment.manage');
    const environment = await getEnvironment(operation, idOrSlug);
    if ((await operation.policy()).default_environment === environment.slug) {
      throw new CofferError('environment_in_use', {
        detail: `${environment.slug} is the organization’s default environment.`,
        hint: 'Choose another first: coffer policy set default_environment SLUG',
      });
    }
    await refuseInUse(operation, environment.slug);
    await operation.stores.environments.delete(environment.id);
    operation.changed();
    operation.record({ environment: environment.slug });
  });
