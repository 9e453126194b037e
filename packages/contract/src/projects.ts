import { z } from 'zod';
import { Slug } from './slug.ts';
import { Instant } from './paging.ts';

export const ProjectRecord = z
  .object({
    id: z.string(),
    slug: z.string(),
    name: z.string(),
    managers: z.array(z.string()).nullable(),
    agents: z.number().int(),
    createdAt: Instant,
  })
  .meta({ id: 'Project' });
export type ProjectRecord = z.infer<typeof ProjectRecord>;

export const ProjectCreate = z.strictObject({ slug: Slug, name: z.string().max(200).optional() });
export type ProjectCreate = z.infer<typeof ProjectCreate>;

/** `managers`: emails of the members who alone manage the project's secrets; null opens it again. */
export const ProjectUpdate = z.strictObject({
  name: z.string().max(200).optional(),
  managers: z.array(z.email()).max(200).nullable().optional(),
});
export type ProjectUpdate = z.infer<typeof ProjectUpdate>;
