import { CofferError, type SecretCopy, type SecretRollback, type SecretWritten } from '@coffer/contract';
import { getSlot } from '../environments/manage.ts';
import { actorOf, type Caller } from '../guard/caller.ts';
import type { Operation } from '../guard/operation.ts';
import { findSecret, type Found, type SecretAddress } from './find.ts';
import type { Secret, Version, VersionChange } from './port.ts';
import { openStored } from './value.ts';
import { listStale, writeValues } from './write.ts';

const versionNotFound = (secret: Secret, environment: string): CofferError =>
  new CofferError('version_not_found', {
    detail: `${secret.name} has no such version in ${environment}, or its bytes were destroyed.`,
    hint: 'List versions with: coffer secrets history [agent] NAME',
  });

/** a sealed value is never shown because its secret became plain later. */
const staysSealed = (secret: Secret, { environment, number }: Version): CofferError =>
  new CofferError('kind_change_needs_value', {
    detail: `Version ${number} of ${secret.name} in ${environment} is sealed, and the secret is plain now.`,
    hint: 'Write the value again, or make the secret sealed first.',
  });

/** Writes the value of a stored version again, as a new version of a slot, without showing it. */
const rewrite = async (
  operation: Operation,
  found: Found,
  plan: {
    from: Version;
    environment: string;
    change: VersionChange;
    expected?: number | undefined;
    action: string;
  },
): Promise<SecretWritten> => {
  const { secret } = found;
  if (secret.kind === 'plain' && plan.from.kind === 'sealed') throw staysSealed(secret, plan.from);
  const opened = await openStored(operation, secret, plan.from);
  const write = { environment: plan.environment, value: opened.revealPlaintext(), change: plan.change };
  opened.wipe();
  const { expected, action } = plan;
  const result = await writeValues(operation, found, { writes: [write], expected, action });
  await operation.stores.secrets.update(secret.id, {
    updatedAt: operation.now,
    updatedBy: actorOf(operation.caller).id,
  });
  operation.secretsChanged();
  return {
    id: secret.id,
    name: secret.name,
    scope: secret.scope,
    environment: plan.environment,
    version: result.versions[plan.environment] ?? null,
    versions: result.versions,
    created: false,
    stale: await listStale(operation, secret, [plan.environment]),
    advice: result.advice.filter(({ code }) => plan.change !== 'rollback' || code !== 'value_reused'),
  };
};

/** An earlier value as a new version. */
export const rollbackSecret = async (
  caller: Caller,
  address: SecretAddress,
  request: { input: SecretRollback; expected?: number | undefined },
): Promise<SecretWritten> =>
  caller.guard.write(caller, 'secret.rollback', async (operation) => {
    const slot = request.input.environment ?? '*';
    const found = await findSecret(operation, address, { intent: 'write', slots: [slot] });
    const environment = await getSlot(operation, slot);
    operation.concerning({ environment });
    const from = await operation.stores.secrets.findVersion(
      found.secret.id,
      environment,
      request.input.version,
    );
    if (from === undefined || from.destroyedAt !== null) throw versionNotFound(found.secret, environment);
    return rewrite(operation, found, {
      from,
      environment,
      change: 'rollback',
      expected: request.expected,
      action: 'secret.rollback',
    });
  });

/** A value from one environment to another, inside the server; needs the rights for both. */
export const copySecret = async (
  caller: Caller,
  address: SecretAddress,
  request: { input: SecretCopy; expected?: number | undefined },
): Promise<SecretWritten> =>
  caller.guard.write(caller, 'secret.copy', async (operation) => {
    const { from, to } = request.input;
    const found = await findSecret(operation, address, { intent: 'write', slots: [from, to] });
    const source = await getSlot(operation, from);
    const environment = await getSlot(operation, to);
    operation.concerning({ environment });
    // Whoever may start the agent in the one environment would otherwise read the value of the other.
    await operation.allow('value.copy', { environment: source, slots: [environment] });
    const current = await operation.stores.secrets.listCurrent([found.secret.id]);
    const version = current.find((one) => one.environment === source);
    if (version === undefined) {
      throw new CofferError('no_value_for_environment', {
        detail: `${found.secret.name} has no value of its own in ${source}.`,
        hint: `It has values in: ${current.map((one) => one.environment).join(', ')}.`,
      });
    }
    return rewrite(operation, found, {
      from: version,
      environment,
      change: 'copy',
      expected: request.expected,
      action: 'secret.copy',
    });
  });

/** Destroys the bytes of one earlier version; its number stays taken. */
export const destroyVersion = async (
  caller: Caller,
  address: SecretAddress,
  which: { environment: string; version: number },
): Promise<void> => {
  await caller.guard.write(caller, 'secret.destroy_version', async (operation) => {
    const { stores, now } = operation;
    const { environment: slot, version: number } = which;
    const found = await findSecret(operation, address, { intent: 'write', slots: [slot] });
    const environment = await getSlot(operation, slot);
    operation.concerning({ environment, version: number });
    const version = await stores.secrets.findVersion(found.secret.id, environment, number);
    if (version === undefined) throw versionNotFound(found.secret, environment);
    const slots = await stores.secrets.listSlots([found.secret.id]);
    if (slots.some((one) => one.environment === environment && one.current === number)) {
      throw new CofferError('version_conflict', {
        detail: `Version ${number} is the current value of ${found.secret.name} in ${environment}.`,
        hint: 'Write a new value first, or delete the secret.',
      });
    }
    await stores.secrets.destroyVersion(found.secret.id, environment, number, now);
    operation.record({ secret: found.secret, agent: found.place.agent, environment, version: number });
  });
  await caller.guard.database.purgeRemains();
};
