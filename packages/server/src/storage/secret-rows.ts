import type { Selectable } from 'kysely';
import type { Secret } from '../domain/secrets/port.ts';
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
