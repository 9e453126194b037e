import { z } from 'zod';
import { Right } from './access.ts';
import { Slug } from './slug.ts';
import { Instant } from './paging.ts';

/** Days an API key lives unless told otherwise, and at most. */
export const keyLifetimeDaysDefault = 90;
export const keyLifetimeDaysMax = 3650;

export const KeyRecord = z
  .object({
    id: z.string(),
    name: z.string(),
    agent: z.string().nullable(),
    project: z.string().nullable(),
    environments: z.array(z.string()).nullable(),
    rights: z.array(Right),
    maker: z.string(),
    /** The key that it was made with: it ends with that one. */
    madeByKey: z.string().nullable(),
    createdAt: Instant,
    expiresAt: Instant,
    lastUsedAt: Instant.nullable(),
    revokedAt: Instant.nullable(),
  })
  .meta({ id: 'Key' });
export type KeyRecord = z.infer<typeof KeyRecord>;

/** `environments` left out means all of them, which `run` does not allow: such a key names its own. */
export const KeyCreate = z.strictObject({
  name: z.string().min(1).max(200).optional(),
  agent: z.string().min(1).max(128).optional(),
  project: z.string().min(1).max(128).optional(),
  environments: z.array(Slug).min(1).max(100).optional(),
  rights: z.array(Right).min(1).max(5),
  expiresInDays: z.number().int().min(1).max(keyLifetimeDaysMax).optional(),
});
export type KeyCreate = z.infer<typeof KeyCreate>;

/** The only answer that carries the key itself; it is shown once. */
export const KeyCreated = KeyRecord.extend({ key: z.string() }).meta({ id: 'KeyCreated' });
export type KeyCreated = z.infer<typeof KeyCreated>;
