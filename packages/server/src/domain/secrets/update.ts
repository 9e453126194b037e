import { CofferError, type Advice, type SecretUpdate, type SecretWritten } from '@coffer/contract';
import { actorOf, type Caller } from '../guard/caller.ts';
import type { Operation } from '../guard/operation.ts';
import { adviseOnExposure, adviseOnName } from './advice.ts';
import { adviseOnExpiry } from './advice-on-age.ts';
import { getSlot } from '../environments/manage.ts';
import { plannedWrites, slotsOf } from './planned-writes.ts';
import { sealVersions } from './kind.ts';
import { findSecret, type Found, type SecretAddress } from './find.ts';
import { actOf, targetOf } from './place.ts';
import { readAheadOfWrite, writesValuesAlone } from './read-ahead.ts';
import type { Secret, ValueSlot } from './port.ts';
import { hiddenPreview } from './value.ts';
import { checkExpected, expectedSlot, listStale, writeValues } from './write.ts';

const immutable = ['name', 'scope', 'agent', 'project'] as const;

const refuseImmutable = (input: SecretUpdate): void => {
  const field = immutable.find((name) => input[name] !== undefined);
  if (field === undefined) return;
  throw new CofferError('field_immutable', {
    detail: `The ${field === 'name' ? 'name' : 'scope'} of a secret cannot be changed.`,
    hint: 'Create another secret, and delete this one once nothing uses it.',
  });
};

type Change = Partial<
  Pick<
    Secret,
    | 'description'
    | 'exposure'
    | 'allowedHosts'
    | 'credentialType'
    | 'expiresAt'
    | 'rotateEveryDays'
    | 'tags'
    | 'neverReveal'
    | 'kind'
  >
>;

const metadataChange = (secret: Secret, input: SecretUpdate): Change => ({
  ...(input.description !== undefined && { description: input.description }),
  ...(input.exposure !== undefined && { exposure: input.exposure }),
  ...(input.allowedHosts !== undefined && { allowedHosts: input.allowedHosts }),
  ...(input.credentialType !== undefined && { credentialType: input.credentialType }),
  ...(input.expiresAt !== undefined && {
    expiresAt: input.expiresAt === null ? null : Date.parse(input.expiresAt),
  }),
  ...(input.rotateEveryDays !== undefined && { rotateEveryDays: input.rotateEveryDays }),
  ...(input.tags !== undefined && { tags: input.tags }),
  ...(input.neverReveal === true && { neverReveal: true }),
  ...(input.kind !== undefined && input.kind !== secret.kind && { kind: input.kind }),
});

/** Fields that decide about the values of every environment, which a key of some may not. */
const wholeFields = ['kind', 'exposure', 'allowedHosts', 'credentialType', 'neverReveal'] as const;
const touchesWhole = (change: Change): boolean => wholeFields.some((field) => change[field] !== undefined);

const needsNewValues = (secret: Secret, missing: readonly string[]): CofferError =>
  new CofferError('kind_change_needs_value', {
    detail: `${secret.name} becomes plain only with a new value for each environment that has one.`,
    hint: `Give values for: ${missing.join(', ')}. Earlier versions stay sealed.`,
    errors: missing.map((environment) => ({
      environment,
      detail: `a new value for ${environment} is missing`,
    })),
  });

/** What a sealed secret may become plain with; throws `kind_change_needs_value`. */
export const checkKindChange = (
  secret: Secret,
  changed: Pick<Secret, 'kind' | 'exposure'>,
  slots: { written: readonly string[]; held: readonly string[] },
): void => {
  if (changed.kind !== 'plain') return;
  const missing = slots.held.filter((environment) => !slots.written.includes(environment));
  if (secret.kind === 'sealed' && missing.length > 0) throw needsNewValues(secret, missing);
  if (changed.exposure !== 'broker') return;
  throw new CofferError('request_invalid', {
    detail: 'A plain secret is shown as text, so it cannot be brokered.',
    hint: 'Keep it sealed, or give it exposure env.',
  });
};

/**
 * a wider way out for the value must come with the value, or it would be a way to read it. True
 * where the way out becomes wider.
 */
const checkWidening = (
  secret: Secret,
  change: Change,
  slots: { written: readonly string[]; held: readonly string[] },
): boolean => {
  const { written, held } = slots;
  if (secret.exposure !== 'broker') return false;
  const opens = change.exposure === 'env';
  const adds = (change.allowedHosts ?? []).some((host) => !secret.allowedHosts.includes(host));
  if (!opens && !adds) return false;
  const missing = held.filter((environment) => !written.includes(environment));
  if (missing.length === 0) return true;
  throw new CofferError('value_invalid', {
    detail: `${secret.name} is brokered: ${opens ? 'delivering it as its value' : 'a further host'} needs the value again.`,
    hint: `Give the value for ${missing.join(', ')} in the same request.`,
  });
};

/** What was written while the way out was narrower goes, or a rollback would let it out the wider way. */
const destroyEarlier = async (operation: Operation, secret: Secret): Promise<void> => {
  const { stores, now } = operation;
  for (const { environment, number, destroyedAt } of await stores.secrets.listVersions(secret.id))
    if (destroyedAt === null) await stores.secrets.destroyVersion(secret.id, environment, number, now);
};

/** A password shows no tail, also where it was stored before it was called one. */
const hideTails = async (operation: Operation, secret: Secret): Promise<void> => {
  const { stores } = operation;
  for (const version of await stores.secrets.listVersions(secret.id)) {
    if (version.preview === null) continue;
    await stores.secrets.replaceStored({ ...version, preview: hiddenPreview });
  }
};

/** What a change without a value expects, of the slot it names or stands for. */
const checkExpectedBefore = async (
  operation: Operation,
  { secret, place }: Found,
  change: { slots: readonly ValueSlot[]; environment: string | undefined; expected: number },
): Promise<void> => {
  const named = change.environment === undefined ? undefined : await getSlot(operation, change.environment);
  const slot = expectedSlot(secret, change.slots, named);
  // A refusal tells the version it has, so whoever may not touch the slot is not asked about it.
  await operation.allow(actOf(place, 'write'), targetOf(place, [slot.environment]));
  checkExpected(secret, slot, change.expected);
};

/** Only what is given changes; a new value leaves metadata alone, and the other way round. */
export const applyUpdate = async (
  operation: Operation,
  found: Found,
  request: { input: SecretUpdate; expected?: number | undefined; action: string },
): Promise<SecretWritten> => {
  const { stores, now } = operation;
  const { secret, place } = found;
  const { input, expected, action } = request;
  refuseImmutable(input);
  const change = metadataChange(secret, input);
  if (touchesWhole(change)) await operation.allow(actOf(place, 'write'), targetOf(place, 'all'));
  const writes = await plannedWrites(operation, input, {
    scope: secret.scope,
    change: change.kind === undefined ? 'rotate' : 'kind',
  });
  const written = writes.map(({ environment }) => environment);
  const changed: Secret = { ...secret, ...change };
  const slots = await stores.secrets.listSlots([secret.id]);
  const held = slots.filter(({ current }) => current !== null).map(({ environment }) => environment);
  if (expected !== undefined && writes.length === 0)
    await checkExpectedBefore(operation, found, { slots, environment: input.environment, expected });
  const advice: Advice[] = [];
  checkKindChange(secret, changed, { written, held });
  const widens = checkWidening(secret, change, { written, held });
  if (widens) await destroyEarlier(operation, secret);
  if (change.kind === 'sealed') await sealVersions(operation, changed);
  if (change.credentialType === 'password') await hideTails(operation, secret);
  const fields = Object.keys(change);
  await stores.secrets.update(secret.id, {
    ...change,
    updatedAt: now,
    updatedBy: actorOf(operation.caller).id,
  });
  if (fields.length > 0) {
    operation.record(
      {
        secret,
        agent: place.agent,
        details: { fields, ...(change.kind && { from: secret.kind, to: change.kind }) },
      },
      change.kind === undefined ? 'secret.update' : 'secret.kind_change',
    );
  }
  if (change.kind !== undefined || change.description !== undefined) {
    advice.push(...adviseOnName(changed, await operation.policy()));
  }
  if (change.expiresAt !== undefined || writes.length > 0) advice.push(...adviseOnExpiry(changed, now));
  advice.push(...adviseOnExposure(change.exposure));
  const result = await writeValues(operation, { secret: changed, place }, { writes, expected, action });
  if (fields.length === 0 && writes.length === 0) {
    operation.record({ secret, agent: place.agent, details: { fields } }, 'secret.update');
  }
  if (fields.length > 0 || writes.length > 0) operation.secretsChanged();
  const [only] = writes.length === 1 ? writes : [];
  return {
    id: secret.id,
    name: secret.name,
    scope: secret.scope,
    environment: only?.environment ?? null,
    version: only === undefined ? null : (result.versions[only.environment] ?? null),
    versions: result.versions,
    created: false,
    stale: await listStale(operation, secret, written),
    advice: [...advice, ...result.advice],
  };
};

/** The text of a plain secret that was sealed is to be nowhere any more. */
export const purgeSealedText = async (
  { guard }: Caller,
  { kind }: Pick<SecretUpdate, 'kind'>,
): Promise<void> => {
  if (kind === 'sealed') await guard.database.purgeRemains();
};

export const updateSecret = async (
  caller: Caller,
  address: SecretAddress,
  request: { input: SecretUpdate; expected?: number | undefined },
): Promise<SecretWritten> => {
  const written = await caller.guard.write(caller, 'secret.update', {
    onlyAppends: writesValuesAlone(request.input),
    readAhead: async (operation) => readAheadOfWrite(operation, address, request.input),
    act: async (operation) => {
      const { input, expected } = request;
      const found = await findSecret(operation, address, { intent: 'write', slots: slotsOf(input) });
      return applyUpdate(operation, found, { input, expected, action: 'secret.rotate' });
    },
  });
  await purgeSealedText(caller, request.input);
  return written;
};
