import {
  CofferError,
  type Advice,
  type SecretCreate,
  type SecretSet,
  type SecretWritten,
} from '@coffer/contract';
import { actorOf, type Caller } from '../guard/caller.ts';
import type { Operation } from '../guard/operation.ts';
import { createId } from '../ids.ts';
import { adviseOnExposure, adviseOnName } from './advice.ts';
import { adviseOnExpiry } from './advice-on-age.ts';
import { wordsOfPlace } from './missing.ts';
import { checkName } from './name.ts';
import { enterPlace, type Place, type PlaceName } from './place.ts';
import type { Secret, VersionChange } from './port.ts';
import { plannedWrites, slotsOf, valueMissing } from './planned-writes.ts';
import { readAheadOfWrite, writesValuesAlone } from './read-ahead.ts';
import { applyUpdate, purgeSealedText } from './update.ts';
import { writeValues } from './write.ts';

const checkExposure = (secret: Secret): void => {
  if (secret.exposure !== 'broker') return;
  if (secret.kind === 'plain') {
    throw new CofferError('request_invalid', {
      detail: 'A plain secret is shown as text, so it cannot be brokered.',
      hint: 'Make it sealed, or give it exposure env.',
    });
  }
};

const caseAdvice = async (operation: Operation, place: Place, name: string): Promise<readonly Advice[]> => {
  const variants = await operation.stores.secrets.listCaseVariants(place.ownerId, name);
  const others = variants.filter((other) => other !== name);
  if (others.length === 0) return [];
  const message = `A secret that differs only in case exists here: ${others.join(', ')}.`;
  return [{ code: 'name_case_variant', level: 'warning', message }];
};

/** Inserts the secret and its first values. Returns undefined where the name is taken. */
export const insertSecret = async (
  operation: Operation,
  place: Place,
  plan: {
    name: string;
    input: SecretSet;
    change: VersionChange;
    expected?: number | undefined;
    action: string;
  },
): Promise<SecretWritten | undefined> => {
  const { stores, now, organizationId } = operation;
  const { name, input } = plan;
  const policy = await operation.policy();
  checkName(name, place.scope, policy);
  const writes = await plannedWrites(operation, input, { scope: place.scope, change: plan.change });
  if (writes.length === 0) throw valueMissing();
  const actor = actorOf(operation.caller).id;
  const secret: Secret = {
    id: createId('secret', now),
    organizationId,
    scope: place.scope,
    ownerId: place.ownerId,
    projectId: place.project?.id ?? null,
    agentId: place.agent?.id ?? null,
    name,
    kind: input.kind ?? 'sealed',
    exposure: input.exposure ?? 'env',
    allowedHosts: input.allowedHosts ?? [],
    description: input.description ?? '',
    credentialType: input.credentialType ?? null,
    expiresAt: typeof input.expiresAt === 'string' ? Date.parse(input.expiresAt) : null,
    rotateEveryDays: input.rotateEveryDays ?? null,
    tags: input.tags ?? [],
    neverReveal: false,
    createdAt: now,
    createdBy: actor,
    updatedAt: now,
    updatedBy: actor,
    deletedAt: null,
    deletedWithAgent: false,
  };
  checkExposure(secret);
  const advice = [
    ...(await caseAdvice(operation, place, name)),
    ...adviseOnName(secret, policy),
    ...adviseOnExpiry(secret, now),
    ...adviseOnExposure(secret.exposure),
  ];
  if (!(await stores.secrets.insert(secret))) return undefined;
  const written = await writeValues(
    operation,
    { secret, place },
    { writes, expected: plan.expected, action: plan.action },
  );
  operation.secretsChanged();
  const [only] = writes.length === 1 ? writes : [];
  return {
    id: secret.id,
    name,
    scope: secret.scope,
    environment: only?.environment ?? null,
    version: only === undefined ? null : (written.versions[only.environment] ?? null),
    versions: written.versions,
    created: true,
    stale: [],
    advice: [...advice, ...written.advice],
  };
};

/** `create`: a taken name is refused, and the update command named (R-156). */
export const createSecret = async (
  caller: Caller,
  place: PlaceName,
  input: SecretCreate,
): Promise<SecretWritten> =>
  caller.guard.write(caller, 'secret.create', {
    onlyAppends: true,
    readAhead: async (operation) =>
      readAheadOfWrite(operation, { by: 'name', place, name: input.name }, input),
    act: async (operation) => {
      const entered = await enterPlace(operation, place, { intent: 'write', slots: slotsOf(input) });
      const { name, ...rest } = input;
      operation.concerning({ secretName: name });
      const written = await insertSecret(operation, entered, {
        name,
        input: rest,
        change: 'create',
        action: 'secret.create',
      });
      if (written !== undefined) return written;
      throw new CofferError('secret_exists', {
        detail: `${wordsOfPlace(entered)} has a secret ${name} already.`,
        hint: `Replace its value with: coffer secrets update ${entered.agent === undefined ? '' : `${entered.agent.slug} `}${name}`,
      });
    },
  });

/** `set`: creates the secret or replaces its value; the answer says which (R-156, R-181). */
export const setSecret = async (
  caller: Caller,
  address: { place: PlaceName; name: string },
  request: { input: SecretSet; expected?: number | undefined },
): Promise<SecretWritten> => {
  const { input, expected } = request;
  const { name } = address;
  const written = await caller.guard.write(caller, 'secret.set', {
    onlyAppends: writesValuesAlone(input),
    readAhead: async (operation) => readAheadOfWrite(operation, { by: 'name', ...address }, input),
    act: async (operation) => {
      const place = await enterPlace(operation, address.place, { intent: 'write', slots: slotsOf(input) });
      operation.concerning({ secretName: name });
      const known = await operation.stores.secrets.findByName(place.ownerId, name);
      if (known !== undefined) {
        operation.concerning({ secret: known });
        return applyUpdate(operation, { secret: known, place }, { input, expected, action: 'secret.rotate' });
      }
      const plan = { name, input, expected, change: 'create', action: 'secret.create' } as const;
      const written = await insertSecret(operation, place, plan);
      if (written !== undefined) return written;
      throw new CofferError('storage_unavailable', { detail: 'The name was taken meanwhile; try again.' });
    },
  });
  if (!written.created) await purgeSealedText(caller, input);
  return written;
};
