import { typeOfKind, type Policy, type SecretRecord, type ValueRecord } from '@coffer/contract';
import { dayMs, toInstant, toInstantOrNull } from '../clock.ts';
import type { Caller } from '../guard/caller.ts';
import type { Reading } from '../guard/operation.ts';
import { adviseOnAge } from './advice-on-age.ts';
import { adviseOnProduction } from './advice-on-production.ts';
import type { Secret, Version } from './port.ts';

/** A plain local value is shown as text; of a sealed one at most the preview, whoever asks. */
const toValue = (
  version: Version,
  show: { policy: Policy; caller: Caller; names: ReadonlyMap<string, string> },
): ValueRecord => {
  const { policy, caller, names } = show;
  const covered = coversSlot(caller, version.environment);
  return {
    environment: version.environment,
    storage: version.storage,
    version: version.number,
    preview: policy.preview === 'none' || !covered ? null : version.preview,
    ...(version.text !== null && version.kind === 'plain' && covered ? { value: version.text } : {}),
    updatedAt: toInstant(version.createdAt),
    updatedBy: names.get(version.createdBy) ?? version.createdBy,
  };
};

/** A key of some environments sees what a value says in these, and what serves them all. */
export const coversSlot = (caller: Caller, slot: string): boolean =>
  caller.type !== 'key' || caller.environments === null || slot === '*' || caller.environments.includes(slot);

/** The one list record; every list form prints its own columns of it (X27). */
export const toSecretRecords = async (
  reading: Reading,
  secrets: readonly Secret[],
): Promise<readonly SecretRecord[]> => {
  if (secrets.length === 0) return [];
  const { stores, organizationId } = reading;
  const ids = secrets.map(({ id }) => id);
  const policy = await reading.policy();
  const versions = await stores.secrets.listCurrent(ids);
  const used = await stores.secrets.lastUsed(ids);
  const names = await stores.secrets.nameActors([
    ...new Set([
      ...secrets.flatMap((one) => [one.createdBy, one.updatedBy]),
      ...versions.map((one) => one.createdBy),
    ]),
  ]);
  const order = new Map((await stores.environments.list(organizationId)).map(({ slug }, at) => [slug, at]));
  const environments = new Set(order.keys());
  const slugs = await ownerSlugs(reading, secrets);
  const values = new Map<string, Version[]>();
  for (const version of versions)
    values.set(version.secretId, [...(values.get(version.secretId) ?? []), version]);
  return secrets.map((secret) => ({
    id: secret.id,
    name: secret.name,
    type: typeOfKind[secret.kind],
    kind: secret.kind,
    scope: secret.scope,
    project: secret.scope === 'project' ? (slugs.get(secret.ownerId) ?? null) : null,
    agent: secret.scope === 'agent' ? (slugs.get(secret.ownerId) ?? null) : null,
    exposure: secret.exposure,
    allowedHosts: [...secret.allowedHosts],
    description: secret.description,
    credentialType: secret.credentialType,
    expiresAt: toInstantOrNull(secret.expiresAt),
    rotateEveryDays: secret.rotateEveryDays,
    tags: [...secret.tags],
    neverReveal: secret.neverReveal,
    values: (values.get(secret.id) ?? [])
      .sort((left, right) => (order.get(left.environment) ?? -1) - (order.get(right.environment) ?? -1))
      .map((version) => toValue(version, { policy, caller: reading.caller, names })),
    createdAt: toInstant(secret.createdAt),
    createdBy: names.get(secret.createdBy) ?? secret.createdBy,
    updatedAt: toInstant(secret.updatedAt),
    updatedBy: names.get(secret.updatedBy) ?? secret.updatedBy,
    lastUsedAt: toInstantOrNull(used.get(secret.id) ?? null),
    deletedAt: toInstantOrNull(secret.deletedAt),
    restoreUntil:
      secret.deletedAt === null ? null : toInstant(secret.deletedAt + policy.retention_days * dayMs),
    advice: [
      ...adviseOnAge(secret, values.get(secret.id) ?? [], reading.now),
      ...adviseOnProduction(values.get(secret.id) ?? [], environments),
    ],
  }));
};

/** What people call the agents and projects that these secrets are of, deleted agents too, by id. */
export const ownerSlugs = async (
  { stores, organizationId }: Pick<Reading, 'stores' | 'organizationId'>,
  secrets: readonly Secret[],
): Promise<ReadonlyMap<string, string>> => {
  const slugs = new Map<string, string>();
  for (const { scope, ownerId } of secrets) {
    if (scope === 'organization' || slugs.has(ownerId)) continue;
    const owner =
      scope === 'project'
        ? await stores.projects.find(organizationId, ownerId)
        : ((await stores.agents.find(organizationId, ownerId)) ??
          (await stores.agents.findDeleted(organizationId, ownerId)));
    if (owner !== undefined) slugs.set(ownerId, owner.slug);
  }
  return slugs;
};
