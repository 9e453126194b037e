import { CofferError, type Advice, type SecretWritten } from '@coffer/contract';
import { actorOf } from '../guard/caller.ts';
import type { Operation } from '../guard/operation.ts';
import { heardSince, isHeard } from '../workloads/record.ts';
import { adviseOnValue } from './advice.ts';
import { type Found } from './find.ts';
import type { Secret, ValueSlot, VersionChange } from './port.ts';
import {
  adviceOnReuse,
  findReuse,
  mayAdviseOnReuse,
  refusesReuse,
  valueReused,
  type Reuse,
} from './reuse.ts';
import { fingerprintOf, storeValue, type StoredForm } from './value.ts';

/** A value to be written into one slot. */
export interface SlotWrite {
  readonly environment: string;
  readonly value: string;
  readonly change: VersionChange;
}

export interface WriteResult {
  readonly versions: Record<string, number>;
  readonly advice: Advice[];
}

const versionConflict = (secret: Secret, environment: string, current: number): CofferError =>
  new CofferError('version_conflict', {
    detail: `The current version of ${secret.name} in ${environment} is ${current}, not the expected one.`,
    hint: 'Read the secret again, and repeat the write with the version it has now.',
  });

/** Throws `version_conflict` where the slot's current version is not the expected one (0: none). */
export const checkExpected = (
  secret: Secret,
  slot: Pick<ValueSlot, 'environment' | 'current'>,
  expected: number | undefined,
): void => {
  if (expected !== undefined && (slot.current ?? 0) !== expected) {
    throw versionConflict(secret, slot.environment, slot.current ?? 0);
  }
};

/**
 * The slot meant by a change that writes no value but says which version it expects: the one that is
 * named, else `*`, else the only one with a value. Throws `request_invalid` where none of these is there.
 */
export const expectedSlot = (
  secret: Secret,
  slots: readonly ValueSlot[],
  environment: string | undefined,
): Pick<ValueSlot, 'environment' | 'current'> => {
  if (environment !== undefined)
    return slots.find((slot) => slot.environment === environment) ?? { environment, current: null };
  const held = slots.filter(({ current }) => current !== null);
  const meant = held.find((slot) => slot.environment === '*') ?? (held.length === 1 ? held[0] : undefined);
  if (meant !== undefined) return meant;
  throw new CofferError('request_invalid', {
    detail: `${secret.name} has no value for all environments, so it is not clear which version If-Match means.`,
    hint: `It has values in: ${held.map((slot) => slot.environment).join(', ')}. Read the secret, and repeat the request without an expected version.`,
  });
};

/** A value with the place it is written to, and the form it is stored in. */
interface Prepared extends SlotWrite {
  readonly slot: ValueSlot;
  readonly number: number;
  readonly fingerprint: string;
  /** Where it was used before, if that is to be told. */
  readonly reuse: Reuse | undefined;
  readonly stored: StoredForm;
}

/** A value that was stored before, which the caller neither gave nor need know. */
const isMoved = (change: VersionChange): boolean => change === 'rollback' || change === 'copy';

/** Reads what the write of a value rests on. Throws `version_conflict`. */
const lookBefore = async (
  operation: Operation,
  found: Found,
  plan: { write: SlotWrite; expected: number | undefined; slots: ReadonlyMap<string, ValueSlot> },
): Promise<Omit<Prepared, 'stored'>> => {
  const { write, expected, slots } = plan;
  const { secret } = found;
  const { environment, value } = write;
  const slot = slots.get(environment) ?? {
    ...{ secretId: secret.id, environment },
    ...{ current: null, last: 0, oldest: 1 },
  };
  checkExpected(secret, slot, expected);
  const fingerprint = await fingerprintOf(operation, secret, value);
  // Where no value was ever written, none was written before.
  const reuse =
    slots.size === 0 ? undefined : await findReuse(operation, found, { environment, fingerprint });
  return { ...write, slot, number: slot.last + 1, fingerprint, reuse };
};

/** Everything that can refuse a write, that a value was used before last of all. */
const prepareWrites = async (
  operation: Operation,
  found: Found,
  plan: {
    writes: readonly SlotWrite[];
    expected?: number | undefined;
    slots: ReadonlyMap<string, ValueSlot>;
  },
): Promise<readonly Prepared[]> => {
  const { secret } = found;
  const looked: Omit<Prepared, 'stored'>[] = [];
  for (const write of plan.writes) {
    const one = await lookBefore(operation, found, { write, expected: plan.expected, slots: plan.slots });
    const isTwin = looked.some(({ fingerprint }) => fingerprint === one.fingerprint);
    looked.push(isTwin ? { ...one, reuse: one.reuse ?? 'elsewhere' } : one);
  }
  const isAdvised =
    looked.some(({ reuse }) => reuse !== undefined) && (await mayAdviseOnReuse(operation, secret));
  const prepared: Prepared[] = [];
  for (const { reuse, ...one } of looked)
    prepared.push({
      ...one,
      reuse: isAdvised ? reuse : undefined,
      stored: await storeValue(operation, secret, one),
    });
  for (const { reuse, change } of looked) {
    if (isMoved(change) || reuse !== 'here' || !(await refusesReuse(operation))) continue;
    operation.concerning({ details: { reused: true } });
    throw valueReused(secret);
  }
  return prepared;
};

/** Writes one version per slot and trims old ones; records one event per version. */
export const writeValues = async (
  operation: Operation,
  found: Found,
  plan: { writes: readonly SlotWrite[]; expected?: number | undefined; action: string },
): Promise<WriteResult> => {
  const { stores, now } = operation;
  const { secret } = found;
  const actor = actorOf(operation.caller);
  const slots = new Map(
    (await stores.secrets.listSlots([secret.id])).map((slot) => [slot.environment, slot]),
  );
  const versions: Record<string, number> = {};
  const advice: Advice[] = [];
  const { keep_versions: keepVersions } = await operation.policy();
  for (const write of await prepareWrites(operation, found, { ...plan, slots })) {
    const { environment, value, change, slot, number, fingerprint, reuse, stored } = write;
    await stores.secrets.insertVersion({
      secretId: secret.id,
      environment,
      number,
      storage: 'local',
      change,
      ...stored,
      providerId: null,
      remotePath: null,
      remoteKey: null,
      fingerprint,
      byteLength: Buffer.byteLength(value),
      createdAt: now,
      createdBy: actor.id,
      destroyedAt: null,
    });
    // More than one goes where the policy kept more before.
    const oldest = Math.max(slot.oldest, number - keepVersions + 1);
    await stores.secrets.saveSlot({ ...slot, current: number, last: number, oldest });
    if (oldest > slot.oldest)
      await stores.secrets.destroyVersions(
        { secretId: secret.id, environment, first: slot.oldest, last: oldest - 1 },
        now,
      );
    operation.record(
      {
        secret,
        agent: found.place.agent,
        environment,
        version: number,
        details: { change, ...(reuse === undefined ? {} : { reused: true }) },
      },
      plan.action,
    );
    versions[environment] = number;
    if (reuse !== undefined) advice.push(adviceOnReuse(reuse));
    if (!isMoved(change)) advice.push(...adviseOnValue(value, { environment, kind: secret.kind }));
  }
  if ('*' in versions) {
    const own = [...slots.values()].filter(
      ({ environment, current }) => environment !== '*' && current !== null,
    );
    if (own.length > 0) {
      advice.push({
        code: 'environments_keep_own_value',
        level: 'warning',
        message: `These environments keep their own value: ${own.map(({ environment }) => environment).join(', ')}.`,
      });
    }
  }
  return { versions, advice };
};

/** Running workloads that hold a value of this secret; they keep it until they stop. */
export const listHolders = async (operation: Operation, secret: Secret): Promise<SecretWritten['stale']> => {
  const { stores, now } = operation;
  const workloads = await stores.workloads.listActiveWithSecret(secret.id, heardSince(now));
  return workloads
    .filter((workload) => isHeard(workload, now))
    .map(({ id, agentSlug, environment }) => ({ id, agent: agentSlug, environment }));
};

/** Those of them that the written slots serve: the environment's own, or `*` where it has no own value. */
export const listStale = async (
  operation: Operation,
  secret: Secret,
  written: readonly string[],
): Promise<SecretWritten['stale']> => {
  const holders = await listHolders(operation, secret);
  if (holders.length === 0) return [];
  const slots = await operation.stores.secrets.listSlots([secret.id]);
  const own = new Set(slots.filter(({ current }) => current !== null).map(({ environment }) => environment));
  return holders.filter(
    ({ environment }) =>
      written.includes(own.has(environment) ? environment : '*') || written.includes(environment),
  );
};
