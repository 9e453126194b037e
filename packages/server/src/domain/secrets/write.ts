import { CofferError, type Advice, type SecretWritten } from '@coffer/contract';
import { secondMs } from '../clock.ts';
import { actorOf } from '../guard/caller.ts';
import type { Operation } from '../guard/operation.ts';
import type { Workload } from '../workloads/port.ts';
import { heardSince, lostBefore } from '../workloads/record.ts';
import { adviseOnValue } from './advice.ts';
import { type Found } from './find.ts';
import { actOf, targetOf } from './place.ts';
import type { Secret, ValueSlot, VersionChange } from './port.ts';
import { allowReuseAnswer, findNextReuseAnswer } from './reuse-limit.ts';
import { fingerprintOf, storeValue } from './value.ts';

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

/**
 * Under `reused_value: error` whoever has used up the answers may not write at all: written, a value would
 * have passed the policy; refused, it would have been told.
 */
const refuseUsedUp = async (
  operation: Operation,
  secret: Secret,
  { environment }: { environment: string },
): Promise<void> => {
  if ((await operation.policy()).reused_value !== 'error') return;
  const { now } = operation;
  const next = await operation.once(`reuse-limit/${secret.id}/${environment}`, () =>
    Promise.resolve(String(findNextReuseAnswer(actorOf(operation.caller).id, secret.id, now) ?? '')),
  );
  if (next === '') return;
  const retryAfterSeconds = Math.ceil((Number(next) - now) / secondMs);
  throw new CofferError('rate_limited', {
    detail: `Too many values of ${secret.name} were refused because they had been used before; nothing is written for now, whatever the value.`,
    hint: `Try again in ${Math.ceil(retryAfterSeconds / 60)} minutes, with a new credential of its issuer.`,
    retryAfterSeconds,
  });
};

/** whether a value was used before is an answer to a guess, so few get it, few times, and audited. */
const judgeReuse = async (
  operation: Operation,
  found: Found,
  use: { environment: string; fingerprint: string },
): Promise<Advice | undefined> => {
  await refuseUsedUp(operation, found.secret, use);
  const before = await operation.stores.secrets.listWithFingerprint(found.secret.id, use.fingerprint);
  if (before.length === 0) return undefined;
  const slots = before.map(({ environment }) => environment);
  const mayRead = await operation.can(actOf(found.place, 'read'), targetOf(found.place, slots));
  if (!mayRead) return undefined;
  const actorId = actorOf(operation.caller).id;
  // Counted once for a request, however often its batch runs.
  const answer = await operation.once(`reuse/${found.secret.id}/${use.environment}`, () =>
    Promise.resolve(allowReuseAnswer(actorId, found.secret.id, operation.now) ? 'told' : 'withheld'),
  );
  if (answer === 'withheld') return undefined;
  const sameSlot = before.some(({ environment }) => environment === use.environment);
  operation.concerning({ details: { reused: true } });
  if (!sameSlot) {
    return {
      code: 'same_value_in_environments',
      level: 'hint',
      message: 'The same value is kept for another environment; separate credentials are safer.',
    };
  }
  if ((await operation.policy()).reused_value === 'error') {
    throw new CofferError('value_reused', {
      detail: `The value equals the current or an earlier one of ${found.secret.name}.`,
      hint: 'Make a new credential at its issuer, and store that one.',
    });
  }
  return {
    code: 'value_reused',
    level: 'warning',
    message: 'The value equals the current or an earlier one, so this rotation has no effect.',
  };
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
  for (const { environment, value, change } of plan.writes) {
    const slot = slots.get(environment) ?? {
      ...{ secretId: secret.id, environment },
      ...{ current: null, last: 0, oldest: 1 },
    };
    checkExpected(secret, slot, plan.expected);
    const number = slot.last + 1;
    const fingerprint = await fingerprintOf(operation, secret, value);
    // Where no value was ever written, none was written before.
    const isFirst = slots.size === 0 && Object.keys(versions).length === 0;
    const reuse = isFirst ? undefined : await judgeReuse(operation, found, { environment, fingerprint });
    const stored = await storeValue(operation, secret, { environment, number, value });
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
    if (reuse !== undefined) advice.push(reuse);
    advice.push(...adviseOnValue(value, { environment, kind: secret.kind }));
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

const isActive = (workload: Workload, now: number): boolean =>
  workload.endedAt === null &&
  (workload.output !== 'masked' || (workload.heartbeatAt ?? workload.startedAt) > lostBefore(now));

/** Running workloads that hold a value of this secret; they keep it until they stop. */
export const listHolders = async (operation: Operation, secret: Secret): Promise<SecretWritten['stale']> => {
  const { stores, now } = operation;
  const workloads = await stores.workloads.listActiveWithSecret(secret.id, heardSince(now));
  return workloads
    .filter((workload) => isActive(workload, now))
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
