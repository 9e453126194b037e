import { z } from 'zod';
import { peopleAndKeys } from '../access.ts';
import type { ErrorCode } from '../errors.ts';
import { pageOf } from '../paging.ts';
import type { Route } from '../route.ts';
import {
  SecretByIdQuery,
  SecretCopy,
  SecretCreate,
  SecretDeleted,
  SecretDeleteQuery,
  SecretImport,
  SecretImported,
  SecretQuery,
  SecretRecord,
  SecretRollback,
  SecretSet,
  SecretUpdate,
  SecretWritten,
  VersionRecord,
} from '../secrets.ts';

/**
 * A secret is addressed by id, or by name in its scope. The vault (organization scope) has a path
 * segment of its own, since `/secrets/{secret}` takes ids only and a name may look like an id.
 */
const collections = {
  Vault: { path: '/vault/secrets', owner: {}, errors: [] },
  Project: {
    path: '/projects/{project}/secrets',
    owner: { project: z.string().max(128).meta({ description: 'id or slug' }) },
    errors: ['project_not_found'],
  },
  Agent: {
    path: '/agents/{agent}/secrets',
    owner: { agent: z.string().max(128).meta({ description: 'id or slug' }) },
    errors: ['agent_not_found'],
  },
} as const satisfies Record<string, { path: string; owner: z.ZodRawShape; errors: readonly ErrorCode[] }>;

type Collection = keyof typeof collections;
type Place = Collection | 'ById';

const writeErrors: readonly ErrorCode[] = [
  'environment_not_found',
  'name_invalid',
  'env_name_invalid',
  'name_reserved',
  'value_empty',
  'value_too_large',
  'value_invalid',
  'field_immutable',
  'kind_change_needs_value',
  'value_reused',
  'version_conflict',
];

const collectionRoute = <const Verb extends string, const Of extends Collection>(
  verb: Verb,
  of: Of,
  rest: Pick<Route, 'method' | 'access' | 'summary' | 'body' | 'query' | 'headers' | 'success' | 'errors'> & {
    suffix?: string;
  },
) => {
  const { suffix, errors, ...definition } = rest;
  const collection = collections[of];
  return {
    ...definition,
    id: `${verb}${of}` as const,
    path: `${collection.path}${suffix ?? ''}`,
    inOrganization: true,
    params: z.object(collection.owner),
    errors: [...errors, ...collection.errors],
  } satisfies Route;
};

interface ItemPlace {
  readonly path: string;
  readonly owner: z.ZodRawShape;
  readonly query?: z.ZodObject;
  readonly errors: readonly ErrorCode[];
}

const itemPlace = (of: Place): ItemPlace => {
  if (of === 'ById') {
    const owner = { secret: z.string().max(128) };
    return { path: '/secrets/{secret}', owner, query: SecretByIdQuery, errors: [] };
  }
  const { path, owner, errors } = collections[of];
  return { path: `${path}/{name}`, owner: { ...owner, name: z.string().max(256) }, errors };
};

const itemRoute = <const Verb extends string, const Of extends Place>(
  verb: Verb,
  of: Of,
  rest: Pick<Route, 'method' | 'access' | 'summary' | 'body' | 'query' | 'headers' | 'success' | 'errors'> & {
    suffix?: string;
    params?: z.ZodRawShape;
  },
) => {
  const { suffix, errors, params, ...definition } = rest;
  const place = itemPlace(of);
  const query = place.query?.extend(rest.query?.shape ?? {}) ?? rest.query;
  return {
    ...definition,
    ...(query !== undefined && { query }),
    id: `${verb}${of}` as const,
    path: `${place.path}${suffix ?? ''}`,
    inOrganization: true,
    params: z.object({ ...place.owner, ...params }),
    errors: ['secret_not_found', ...errors, ...place.errors],
  } satisfies Route;
};

const ifMatch = ['If-Match', 'Idempotency-Key'] as const;

const collectionRoutes = <const Of extends Collection>(of: Of) => ({
  list: collectionRoute('listSecrets', of, {
    method: 'get',
    access: peopleAndKeys('read'),
    summary: 'Secrets of this scope: metadata and previews, never a sealed value',
    query: SecretQuery,
    success: { status: 200, body: pageOf(SecretRecord) },
    errors: [],
  }),
  create: collectionRoute('createSecret', of, {
    method: 'post',
    access: peopleAndKeys('write'),
    summary: 'Create a secret; a taken name is refused',
    body: SecretCreate,
    headers: ['Idempotency-Key'],
    success: { status: 201, body: SecretWritten },
    errors: ['secret_exists', ...writeErrors],
  }),
  import: collectionRoute('importSecrets', of, {
    method: 'post',
    suffix: '/import',
    access: peopleAndKeys('write'),
    summary: 'Write many values in one step, each named in the report',
    body: SecretImport,
    headers: ['Idempotency-Key'],
    success: { status: 200, body: SecretImported },
    errors: ['secret_exists', ...writeErrors],
  }),
  set: itemRoute('setSecret', of, {
    method: 'put',
    access: peopleAndKeys('write'),
    summary: 'Create the secret, or replace its value',
    body: SecretSet,
    headers: ifMatch,
    success: { status: 200, body: SecretWritten },
    errors: writeErrors,
  }),
});

const itemRoutes = <const Of extends Place>(of: Of) => ({
  get: itemRoute('getSecret', of, {
    method: 'get',
    access: peopleAndKeys('read'),
    summary: 'Metadata of one secret',
    success: { status: 200, body: SecretRecord },
    errors: [],
  }),
  update: itemRoute('updateSecret', of, {
    method: 'patch',
    access: peopleAndKeys('write'),
    summary: 'Change only the fields given',
    body: SecretUpdate,
    headers: ifMatch,
    success: { status: 200, body: SecretWritten },
    errors: writeErrors,
  }),
  delete: itemRoute('deleteSecret', of, {
    method: 'delete',
    access: peopleAndKeys('write'),
    summary: 'Delete; kept for the retention period unless purged',
    query: SecretDeleteQuery,
    headers: ['If-Match'],
    success: { status: 200, body: SecretDeleted },
    errors: ['version_conflict'],
  }),
  restore: itemRoute('restoreSecret', of, {
    method: 'post',
    suffix: '/restore',
    access: peopleAndKeys('write'),
    summary: 'Bring a deleted secret back',
    headers: ['Idempotency-Key'],
    success: { status: 200, body: SecretRecord },
    errors: ['secret_exists'],
  }),
  versions: itemRoute('listVersions', of, {
    method: 'get',
    suffix: '/versions',
    access: peopleAndKeys('read'),
    summary: 'Every version: number, environment, actor, time and kind of change, never a value',
    success: { status: 200, body: pageOf(VersionRecord) },
    errors: [],
  }),
  destroyVersion: itemRoute('destroyVersion', of, {
    method: 'delete',
    suffix: '/versions/{environment}/{version}',
    params: {
      environment: z.string().max(63),
      version: z.coerce
        .number()
        .int()
        .min(1)
        .max(2 ** 31),
    },
    access: peopleAndKeys('write'),
    summary: 'Destroy the bytes of one version that is not the current one',
    success: { status: 204 },
    errors: ['version_not_found', 'version_conflict'],
  }),
  removeValue: itemRoute('removeValue', of, {
    method: 'delete',
    suffix: '/values/{environment}',
    params: { environment: z.string().max(63) },
    access: peopleAndKeys('write'),
    summary: 'Remove the value of one environment',
    headers: ['If-Match'],
    success: { status: 200, body: SecretWritten },
    errors: ['no_value_for_environment', 'last_value', 'environment_not_found', 'version_conflict'],
  }),
  rollback: itemRoute('rollbackSecret', of, {
    method: 'post',
    suffix: '/rollback',
    access: peopleAndKeys('write'),
    summary: 'Write an earlier value as a new version, without showing it',
    body: SecretRollback,
    headers: ifMatch,
    success: { status: 200, body: SecretWritten },
    errors: [
      'version_not_found',
      'environment_not_found',
      'version_conflict',
      'kind_change_needs_value',
      'value_unreadable',
    ],
  }),
  copy: itemRoute('copySecret', of, {
    method: 'post',
    suffix: '/copy',
    access: peopleAndKeys('write'),
    summary: 'Copy a value between environments inside the server',
    body: SecretCopy,
    headers: ifMatch,
    success: { status: 200, body: SecretWritten },
    errors: [
      'no_value_for_environment',
      'environment_not_found',
      'version_conflict',
      'kind_change_needs_value',
      'value_unreadable',
    ],
  }),
});

type Flat<Group> = {
  [Key in keyof Group as Group[Key] extends { id: infer Id extends string } ? Id : never]: Group[Key];
};

const byId = <Group extends Record<string, Route>>(group: Group): Flat<Group> =>
  Object.fromEntries(Object.values(group).map((route) => [route.id, route])) as Flat<Group>;

export const secretRoutes = {
  ...byId(collectionRoutes('Vault')),
  ...byId(collectionRoutes('Project')),
  ...byId(collectionRoutes('Agent')),
  ...byId(itemRoutes('Vault')),
  ...byId(itemRoutes('Project')),
  ...byId(itemRoutes('Agent')),
  ...byId(itemRoutes('ById')),
} as const;
