import { z } from 'zod';
import { descriptionMaxLength } from './names.ts';
import { ValueSlot } from './slug.ts';
import { Instant, PageQuery } from './paging.ts';

export const scopes = ['organization', 'project', 'agent'] as const;
export const Scope = z.enum(scopes);
export type Scope = z.infer<typeof Scope>;

/** `sealed` is shown to people as "secret", `plain` as "variable". */
export const kinds = ['sealed', 'plain'] as const;
export const Kind = z.enum(kinds);
export type Kind = z.infer<typeof Kind>;
export const typeOfKind = { sealed: 'secret', plain: 'variable' } as const satisfies Record<Kind, string>;

export const exposures = ['env', 'broker'] as const;
export const Exposure = z.enum(exposures);
export type Exposure = z.infer<typeof Exposure>;

export const credentialTypes = ['token', 'api_key', 'password', 'client_secret', 'other'] as const;
export const CredentialType = z.enum(credentialTypes);
export type CredentialType = z.infer<typeof CredentialType>;

/** Something worth knowing about a write that succeeded all the same. */
export const Advice = z
  .object({ code: z.string(), level: z.enum(['hint', 'warning']), message: z.string() })
  .meta({ id: 'Advice' });
export type Advice = z.infer<typeof Advice>;

export const ValueRecord = z
  .object({
    environment: z.string(),
    storage: z.enum(['local', 'remote']),
    version: z.number().int(),
    preview: z.string().nullable(),
    /** The text, of a local plain value only; a sealed value is never returned. */
    value: z.string().optional(),
    updatedAt: Instant,
    updatedBy: z.string(),
  })
  .meta({ id: 'Value' });
export type ValueRecord = z.infer<typeof ValueRecord>;

export const SecretRecord = z
  .object({
    id: z.string(),
    name: z.string(),
    type: z.enum(['secret', 'variable']),
    kind: Kind,
    scope: Scope,
    project: z.string().nullable(),
    agent: z.string().nullable(),
    exposure: Exposure,
    allowedHosts: z.array(z.string()),
    description: z.string(),
    credentialType: CredentialType.nullable(),
    expiresAt: Instant.nullable(),
    rotateEveryDays: z.number().int().nullable(),
    tags: z.array(z.string()),
    neverReveal: z.boolean(),
    values: z.array(ValueRecord),
    createdAt: Instant,
    createdBy: z.string(),
    updatedAt: Instant,
    updatedBy: z.string(),
    lastUsedAt: Instant.nullable(),
    deletedAt: Instant.nullable(),
    restoreUntil: Instant.nullable(),
    advice: z.array(Advice),
  })
  .meta({ id: 'Secret' });
export type SecretRecord = z.infer<typeof SecretRecord>;

const host = z
  .string()
  .max(253)
  .regex(
    /^(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:[0-9]{1,5})?$/,
    'expected a host in lower case, such as api.example.com, *.example.com or api.example.com:8443',
  );

const metadata = {
  description: z.string().max(descriptionMaxLength).optional(),
  exposure: Exposure.optional(),
  allowedHosts: z.array(host).max(100).optional(),
  credentialType: CredentialType.nullable().optional(),
  expiresAt: Instant.nullable().optional(),
  rotateEveryDays: z.number().int().min(1).max(3650).nullable().optional(),
  tags: z.array(z.string().min(1).max(64)).max(50).optional(),
};

const valueFields = {
  /** Where `value` is kept; `*` (the default) serves every environment without a value of its own. */
  environment: ValueSlot.optional(),
  value: z.string().optional(),
  /** Several values in one write, by environment. */
  values: z.record(ValueSlot, z.string()).optional(),
};

/** PUT by name: creates the secret, or replaces the value of the one that exists (upsert). */
export const SecretSet = z.strictObject({ kind: Kind.optional(), ...valueFields, ...metadata });
export type SecretSet = z.infer<typeof SecretSet>;

export const SecretCreate = SecretSet.extend({ name: z.string().max(256) });
export type SecretCreate = z.infer<typeof SecretCreate>;

/** PATCH: only what is given changes. The last fields are accepted only to be refused by name. */
export const SecretUpdate = SecretSet.extend({
  neverReveal: z.literal(true).optional(),
  name: z.unknown().optional(),
  scope: z.unknown().optional(),
  agent: z.unknown().optional(),
  project: z.unknown().optional(),
});
export type SecretUpdate = z.infer<typeof SecretUpdate>;

export const StaleWorkload = z
  .object({ id: z.string(), agent: z.string(), environment: z.string() })
  .meta({ id: 'StaleWorkload' });

export const SecretWritten = z
  .object({
    id: z.string(),
    name: z.string(),
    scope: Scope,
    /** The value slot that was written, null where only metadata changed or several were written. */
    environment: z.string().nullable(),
    version: z.number().int().nullable(),
    /** Every value slot this write made a version in. */
    versions: z.record(z.string(), z.number().int()),
    created: z.boolean(),
    /** Running workloads that still hold an older version; they keep it until they are stopped. */
    stale: z.array(StaleWorkload),
    advice: z.array(Advice),
  })
  .meta({ id: 'SecretWritten' });
export type SecretWritten = z.infer<typeof SecretWritten>;

export const SecretQuery = PageQuery.extend({ deleted: z.enum(['true', 'false']).optional() });
export type SecretQuery = z.infer<typeof SecretQuery>;

/** Of a secret that an id names: with `scope`, one of another scope is `secret_not_found`. */
export const SecretByIdQuery = z.object({ scope: Scope.optional() });
export type SecretByIdQuery = z.infer<typeof SecretByIdQuery>;

export const SecretDeleteQuery = z.object({
  force: z.enum(['true', 'false']).optional(),
  purge: z.enum(['true', 'false']).optional(),
});
export type SecretDeleteQuery = z.infer<typeof SecretDeleteQuery>;

export const SecretDeleted = z
  .object({
    id: z.string(),
    name: z.string(),
    purged: z.boolean(),
    restoreUntil: Instant.nullable(),
    /** Running workloads that hold a value until they stop. */
    workloads: z.array(StaleWorkload),
  })
  .meta({ id: 'SecretDeleted' });
export type SecretDeleted = z.infer<typeof SecretDeleted>;

export const VersionRecord = z
  .object({
    environment: z.string(),
    version: z.number().int(),
    current: z.boolean(),
    change: z.enum(['create', 'rotate', 'rollback', 'copy', 'import', 'kind']),
    kind: Kind,
    storage: z.enum(['local', 'remote']),
    createdAt: Instant,
    createdBy: z.string(),
    destroyedAt: Instant.nullable(),
  })
  .meta({ id: 'Version' });
export type VersionRecord = z.infer<typeof VersionRecord>;

export const SecretRollback = z.strictObject({
  environment: ValueSlot.optional(),
  version: z.number().int().min(1),
});
export type SecretRollback = z.infer<typeof SecretRollback>;

export const SecretCopy = z.strictObject({ from: ValueSlot, to: ValueSlot });
export type SecretCopy = z.infer<typeof SecretCopy>;

export const SecretImport = z.strictObject({
  entries: z
    .array(z.strictObject({ name: z.string().max(256), value: z.string() }))
    .min(1)
    .max(5000),
  environment: ValueSlot.optional(),
  kind: Kind.optional(),
  plainNames: z.array(z.string().max(256)).max(5000).optional(),
  onConflict: z.enum(['skip', 'overwrite', 'error']).optional(),
  dryRun: z.boolean().optional(),
});
export type SecretImport = z.infer<typeof SecretImport>;

export const importOutcomes = [
  'imported_secret',
  'imported_variable',
  'overwritten',
  'skipped_existing',
  'skipped_blank',
  'failed',
] as const;

export const SecretImported = z
  .object({
    dryRun: z.boolean(),
    results: z.array(
      z.object({
        name: z.string(),
        outcome: z.enum(importOutcomes),
        code: z.string().optional(),
        detail: z.string().optional(),
      }),
    ),
    counts: z.record(z.string(), z.number().int()),
    /** Running workloads that still hold an older version; they keep it until they are stopped. */
    stale: z.array(StaleWorkload),
    advice: z.array(Advice),
  })
  .meta({ id: 'SecretImported' });
export type SecretImported = z.infer<typeof SecretImported>;

/** What an agent can receive in one environment: name, where it comes from, and why it is missing if it is. */
export const ReceivedRecord = z
  .object({
    name: z.string(),
    secretId: z.string().nullable(),
    type: z.enum(['secret', 'variable']),
    source: z.enum(['built-in', 'project', 'agent', 'slot']),
    exposure: Exposure,
    environment: z.string().nullable(),
    version: z.number().int().nullable(),
    preview: z.string().nullable(),
    description: z.string(),
    updatedAt: Instant.nullable(),
    problem: z.object({ code: z.string(), detail: z.string() }).nullable(),
  })
  .meta({ id: 'Received' });
export type ReceivedRecord = z.infer<typeof ReceivedRecord>;
