import { z } from 'zod';
import { Instant, PageQuery } from './paging.ts';

export const auditOutcomes = ['done', 'refused', 'failed'] as const;

export const AuditEventRecord = z
  .object({
    id: z.string(),
    sequence: z.number().int(),
    at: Instant,
    action: z.string(),
    outcome: z.enum(auditOutcomes),
    code: z.string().nullable(),
    actor: z.object({ type: z.string(), id: z.string(), name: z.string() }),
    secretId: z.string().nullable(),
    secret: z.string().nullable(),
    agent: z.string().nullable(),
    project: z.string().nullable(),
    environment: z.string().nullable(),
    version: z.number().int().nullable(),
    workloadId: z.string().nullable(),
    /** Every secret a resolution named, with the value slot and version it used. */
    secrets: z.array(
      z.object({
        name: z.string(),
        secretId: z.string(),
        environment: z.string(),
        version: z.number().int(),
        source: z.string(),
      }),
    ),
    address: z.string().nullable(),
    requestId: z.string().nullable(),
    /** Further facts by name, such as the fields that changed; never a value. */
    details: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditEvent' });
export type AuditEventRecord = z.infer<typeof AuditEventRecord>;

export const AuditQuery = PageQuery.extend({
  secret: z.string().max(128).optional(),
  actor: z.string().max(254).optional(),
  agent: z.string().max(128).optional(),
  environment: z.string().max(63).optional(),
  action: z.string().max(64).optional(),
  outcome: z.enum(auditOutcomes).optional(),
  since: Instant.optional(),
  until: Instant.optional(),
  order: z.enum(['newest', 'oldest']).optional(),
});
export type AuditQuery = z.infer<typeof AuditQuery>;

export const AuditVerified = z
  .object({
    ok: z.boolean(),
    code: z.literal('audit_chain_broken').nullable(),
    events: z.number().int(),
    head: z.object({ sequence: z.number().int(), mac: z.string() }),
    firstBroken: z
      .object({
        sequence: z.number().int(),
        eventId: z.string().nullable(),
        reason: z.enum(['changed', 'removed', 'reordered', 'cut_off', 'secrets_changed']),
      })
      .nullable(),
  })
  .meta({ id: 'AuditVerified' });
export type AuditVerified = z.infer<typeof AuditVerified>;
