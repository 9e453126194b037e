import { CofferError, type SecretDeleted, type SecretRecord, type SecretWritten } from '@coffer/contract';
import { dayMs, toInstant } from '../clock.ts';
import { actorOf, type Caller } from '../guard/caller.ts';
import { getSlot } from '../environments/manage.ts';
import { findDeletedSecret, findSecret, type SecretAddress } from './find.ts';
import { toSecretRecords } from './record.ts';
import { checkExpected, expectedSlot, listHolders, listStale } from './write.ts';

/**
 * Deletes a secret: it resolves for nobody from the acknowledgement on, and can be restored until the
 * retention period ends; `purge` destroys its values at once, also after an earlier delete.
 */
export const deleteSecret = async (
  caller: Caller,
  address: SecretAddress,
  options: { purge: boolean; expected?: number | undefined },
): Promise<SecretDeleted> => {
  const action = options.purge ? 'secret.purge' : 'secret.delete';
  const deleted = await caller.guard.write(caller, action, async (operation) => {
    const { stores, now } = operation;
    const use = { intent: 'write', slots: 'all' } as const;
    const found = options.purge
      ? await findLiveOrDeleted(operation, address, use)
      : await findSecret(operation, address, use);
    const { secret, place } = found;
    if (options.expected !== undefined) {
      const slots = await stores.secrets.listSlots([secret.id]);
      checkExpected(secret, expectedSlot(secret, slots, undefined), options.expected);
    }
    const workloads = await listHolders(operation, secret);
    if (options.purge) await stores.secrets.destroy(secret.id);
    else await stores.secrets.update(secret.id, { deletedAt: now, deletedWithAgent: false });
    operation.secretsChanged();
    operation.record({ secret, agent: place.agent });
    const { retention_days: retentionDays } = await operation.policy();
    return {
      id: secret.id,
      name: secret.name,
      purged: options.purge,
      restoreUntil: options.purge ? null : toInstant(now + retentionDays * dayMs),
      workloads,
    };
  });
  if (options.purge) await caller.guard.database.purgeRemains();
  return deleted;
};

const findLiveOrDeleted = async (
  ...[operation, address, use]: Parameters<typeof findSecret>
): ReturnType<typeof findSecret> => {
  try {
    return await findSecret(operation, address, use);
  } catch (error) {
    if (!(error instanceof CofferError) || error.code !== 'secret_not_found') throw error;
    return findDeletedSecret(operation, address, use);
  }
};

export const restoreSecret = async (caller: Caller, address: SecretAddress): Promise<SecretRecord> =>
  caller.guard.write(caller, 'secret.restore', async (operation) => {
    const { stores } = operation;
    const use = { intent: 'write', slots: 'all' } as const;
    const { secret, place } = await findDeletedSecret(operation, address, use);
    if (place.agent !== undefined && place.agent.deletedAt !== null) {
      throw new CofferError('agent_not_found', {
        detail: `The agent ${place.agent.slug} of this secret is deleted.`,
        hint: `Restore it with its secrets: coffer agent restore ${place.agent.slug}`,
      });
    }
    if (secret.deletedAt === null || !(await stores.secrets.restore(secret.id))) {
      throw new CofferError('secret_exists', {
        detail: `A secret ${secret.name} is there already.`,
        hint: 'Delete it first to restore this one.',
      });
    }
    operation.secretsChanged();
    operation.record({ secret, agent: place.agent });
    const [record] = await toSecretRecords(operation, [{ ...secret, deletedAt: null }]);
    if (record === undefined) throw new CofferError('internal', { detail: 'The secret has no record.' });
    return record;
  });

/** Takes away the value of one environment; the last one goes only with the secret. */
export const removeValue = async (
  caller: Caller,
  address: SecretAddress,
  { environment, expected }: { environment: string; expected?: number | undefined },
): Promise<SecretWritten> =>
  caller.guard.write(caller, 'secret.remove_value', async (operation) => {
    const { stores, now } = operation;
    const { secret, place } = await findSecret(operation, address, { intent: 'write', slots: [environment] });
    const slug = await getSlot(operation, environment);
    operation.concerning({ environment: slug });
    const slots = await stores.secrets.listSlots([secret.id]);
    const slot = slots.find((one) => one.environment === slug);
    const held = slots.filter(({ current }) => current !== null);
    if (slot === undefined || slot.current === null) {
      throw new CofferError('no_value_for_environment', {
        detail: `${secret.name} has no value of its own in ${slug}.`,
        hint: `It has values in: ${held.map((one) => one.environment).join(', ')}.`,
      });
    }
    checkExpected(secret, slot, expected);
    if (held.length === 1) {
      throw new CofferError('last_value', {
        detail: `The value in ${slug} is the only one of ${secret.name}.`,
        hint: 'Delete the secret instead: coffer secrets delete NAME',
      });
    }
    await stores.secrets.saveSlot({ ...slot, current: null });
    await stores.secrets.update(secret.id, { updatedAt: now, updatedBy: actorOf(operation.caller).id });
    operation.secretsChanged();
    operation.record({ secret, agent: place.agent, environment: slug, version: slot.current });
    return {
      id: secret.id,
      name: secret.name,
      scope: secret.scope,
      environment: slug,
      version: null,
      versions: {},
      created: false,
      stale: await listStale(operation, secret, [slug]),
      advice: [],
    };
  });
