import { z } from 'zod';
import { Slug } from './slug.ts';
import { Instant } from './paging.ts';

/** The three every organization starts with, and what belongs into each. */
export const initialEnvironments = [
  { slug: 'development', label: 'Development', help: 'keys that can do no harm: sandbox and test keys' },
  { slug: 'staging', label: 'Staging', help: 'credentials for rehearsing a release' },
  { slug: 'production', label: 'Production', help: 'the live ones' },
] as const;

export const EnvironmentRecord = z
  .object({
    id: z.string(),
    slug: z.string(),
    label: z.string(),
    position: z.number().int(),
    createdAt: Instant,
  })
  .meta({ id: 'Environment' });
export type EnvironmentRecord = z.infer<typeof EnvironmentRecord>;

const position = z.number().int().min(0).max(10_000);
export const EnvironmentCreate = z.strictObject({
  slug: Slug,
  label: z.string().max(200).optional(),
  position: position.optional(),
});
export type EnvironmentCreate = z.infer<typeof EnvironmentCreate>;

export const EnvironmentUpdate = z.strictObject({
  label: z.string().max(200).optional(),
  position: position.optional(),
});
export type EnvironmentUpdate = z.infer<typeof EnvironmentUpdate>;
