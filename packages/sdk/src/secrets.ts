import type {
  Page,
  PageQuery,
  SecretCopy,
  SecretDeleted,
  SecretImport,
  SecretImported,
  SecretRecord,
  SecretRollback,
  SecretSet,
  SecretUpdate,
  SecretWritten,
  VersionRecord,
} from '@coffer/contract';
import { everyItem } from './pages.ts';
import { path } from './path.ts';
import type { CreateOptions, Request, WriteOptions } from './request.ts';
import { collectionOf, itemsOver, secretOf, type SecretOwner } from './secret-address.ts';

export type Secrets = ReturnType<typeof secretsOver>;

/** A value for every environment (or for the one in the options), or values by environment. */
export type SecretValue = string | Readonly<Record<string, string>>;
type SecretFields = Omit<SecretSet, 'value' | 'values'>;
export type SecretCreateOptions = SecretFields & CreateOptions;
export type SecretSetOptions = SecretFields & WriteOptions;
export type SecretChanges = Omit<SecretUpdate, 'name' | 'scope' | 'agent' | 'project'>;
export type SecretListQuery = PageQuery & { readonly deleted?: boolean };
export type SecretImportOptions = Omit<SecretImport, 'entries'> & CreateOptions;
export type SecretDeleteOptions = Pick<WriteOptions, 'expectVersion'> & {
  readonly force?: boolean;
  readonly purge?: boolean;
};

type Write<Options> = [owner: SecretOwner, name: string, value: SecretValue, options?: Options];

/**
 * A secret is addressed by its owner and name (`'support-bot', 'API_KEY'`; `{ project: 'default' }, ...`;
 * `{ organization: true }, ...`); one that exists also by `{ id }` or by owner and name in one object. No
 * answer carries the value of a sealed secret.
 */
export function secretsOver(request: Request) {
  const list = (owner: SecretOwner, query: SecretListQuery = {}) =>
    request<Page<SecretRecord>>('GET', collectionOf(owner), { query });
  const item = itemsOver(request);
  return {
    list,
    listAll: (owner: SecretOwner, query: SecretListQuery = {}) =>
      everyItem((page: SecretListQuery) => list(owner, page))(query),

    /** Creates the secret, or writes a new version of its value. */
    set: (...[owner, name, value, options = {}]: Write<SecretSetOptions>) => {
      const { idempotencyKey, expectVersion, ...fields } = options;
      const body = { ...fields, ...valueFields(value) } satisfies SecretSet;
      return request<SecretWritten>('PUT', secretOf(owner, name), { body, idempotencyKey, expectVersion });
    },

    /** Creates the secret; `secret_exists` where the name is taken. */
    create: (...[owner, name, value, options = {}]: Write<SecretCreateOptions>) => {
      const { idempotencyKey, ...fields } = options;
      const body = { name, ...fields, ...valueFields(value) };
      return request<SecretWritten>('POST', collectionOf(owner), { body, idempotencyKey });
    },

    /** Writes many values in one step; each is named in the report. */
    import: (owner: SecretOwner, entries: SecretImport['entries'], options: SecretImportOptions = {}) => {
      const { idempotencyKey, ...fields } = options;
      const body = { ...fields, entries } satisfies SecretImport;
      return request<SecretImported>('POST', `${collectionOf(owner)}/import`, { body, idempotencyKey });
    },

    get: item((ask) => ask<SecretRecord>('GET', '')),

    /** Changes only the fields given. */
    update: item((ask, changes: SecretChanges, options?: WriteOptions) =>
      ask<SecretWritten>('PATCH', '', { ...options, body: changes }),
    ),

    delete: item((ask, options: SecretDeleteOptions = {}) => {
      const { expectVersion, ...query } = options;
      return ask<SecretDeleted>('DELETE', '', { query, expectVersion });
    }),

    restore: item((ask, options?: CreateOptions) => ask<SecretRecord>('POST', '/restore', options)),

    /** Writes the value of an earlier version as a new one, without showing it. */
    rollback: item((ask, to: SecretRollback, options?: WriteOptions) =>
      ask<SecretWritten>('POST', '/rollback', { ...options, body: to }),
    ),

    /** Copies a value from one environment to another inside the server. */
    copy: item((ask, places: SecretCopy, options?: WriteOptions) =>
      ask<SecretWritten>('POST', '/copy', { ...options, body: places }),
    ),

    versions: item((ask) => ask<Page<VersionRecord>>('GET', '/versions')),

    /** Destroys the bytes of one version, which must not be the current one. */
    destroyVersion: item((ask, { environment, version }: { environment: string; version: number }) =>
      ask<undefined>('DELETE', path`/versions/${environment}/${version}`),
    ),

    /** Removes the value of one environment. */
    removeValue: item((ask, environment: string, options?: Pick<WriteOptions, 'expectVersion'>) =>
      ask<SecretWritten>('DELETE', path`/values/${environment}`, options),
    ),
  };
}

const valueFields = (value: SecretValue) => (typeof value === 'string' ? { value } : { values: value });
