import type { Selectable } from 'kysely';
import type { Collectable, CollectableVersion, Secret } from '../domain/secrets/port.ts';
import { readJson, toFlag, writeJson } from './json-columns.ts';
import type { SecretTable } from './tables.ts';

export const readSecret = (row: Selectable<SecretTable>): Secret => ({
  ...row,
  allowedHosts: readJson(row.allowedHosts) as readonly string[],
  tags: readJson(row.tags) as readonly string[],
  neverReveal: row.neverReveal === 1,
  deletedWithAgent: row.deletedWithAgent === 1,
});

type Change = Partial<Omit<Secret, 'id' | 'organizationId' | 'scope' | 'ownerId' | 'name'>>;

export const writeSecret = (secret: Secret): SecretTable => ({
  ...secret,
  allowedHosts: writeJson(secret.allowedHosts),
  tags: writeJson(secret.tags),
  neverReveal: toFlag(secret.neverReveal),
  deletedWithAgent: toFlag(secret.deletedWithAgent),
});

export const writeSecretChange = ({
  allowedHosts,
  tags,
  neverReveal,
  deletedWithAgent,
  ...plain
}: Change): Partial<SecretTable> => ({
  ...plain,
  ...(allowedHosts === undefined ? {} : { allowedHosts: writeJson(allowedHosts) }),
  ...(tags === undefined ? {} : { tags: writeJson(tags) }),
  ...(neverReveal === undefined ? {} : { neverReveal: toFlag(neverReveal) }),
  ...(deletedWithAgent === undefined ? {} : { deletedWithAgent: toFlag(deletedWithAgent) }),
});

type CollectedSecret = Omit<Collectable, 'neverReveal'> & Pick<SecretTable, 'neverReveal'>;
type OrNull<Row> = { readonly [Column in keyof Row]: Row[Column] | null };
/** `kind` is that of the secret. */
type CollectedVersion = OrNull<Omit<CollectableVersion, 'kind'> & { readonly versionKind: Secret['kind'] }>;

// Written out, as a start pays for every column of every row.
export const readCollectable = (row: CollectedSecret): Collectable => ({
  id: row.id,
  organizationId: row.organizationId,
  scope: row.scope,
  ownerId: row.ownerId,
  name: row.name,
  kind: row.kind,
  exposure: row.exposure,
  description: row.description,
  neverReveal: row.neverReveal === 1,
});

/** Undefined where the row has none: then all its columns are null. */
export const readCollectableVersion = (row: CollectedVersion): CollectableVersion | undefined => {
  const { environment, number, versionKind: kind, storage, byteLength, createdAt } = row;
  if (environment === null || number === null || kind === null) return undefined;
  if (storage === null || byteLength === null || createdAt === null) return undefined;
  const { sealed, generation, text, placeholder, preview } = row;
  return {
    ...{ environment, number, kind, storage, byteLength, createdAt },
    ...{ sealed, generation, text, placeholder, preview },
  };
};
