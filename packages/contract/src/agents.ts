import { z } from 'zod';
import { Slug } from './slug.ts';
import { Instant, PageQuery } from './paging.ts';
import { StaleWorkload } from './secrets.ts';

export const AgentRecord = z
  .object({
    id: z.string(),
    slug: z.string(),
    project: z.string(),
    owner: z.string(),
    createdAt: Instant,
    deletedAt: Instant.nullable(),
  })
  .meta({ id: 'Agent' });
export type AgentRecord = z.infer<typeof AgentRecord>;

/** `owner` is a member's email or id; without it, the caller. */
export const AgentCreate = z.strictObject({
  slug: Slug,
  project: z.string().min(1).max(128).optional(),
  owner: z.string().min(1).max(254).optional(),
});
export type AgentCreate = z.infer<typeof AgentCreate>;

/** Moving an agent moves its secrets with it, so the move must be confirmed. */
export const AgentUpdate = z.strictObject({
  project: z.string().min(1).max(128).optional(),
  owner: z.string().min(1).max(254).optional(),
});
export type AgentUpdate = z.infer<typeof AgentUpdate>;

export const AgentQuery = PageQuery.extend({ project: z.string().max(128).optional() });
export type AgentQuery = z.infer<typeof AgentQuery>;

export const AgentDeleted = z
  .object({
    id: z.string(),
    slug: z.string(),
    secrets: z.number().int(),
    purged: z.boolean(),
    /** Its running workloads, which keep what they were given until they stop. */
    workloads: z.array(StaleWorkload),
  })
  .meta({ id: 'AgentDeleted' });
export type AgentDeleted = z.infer<typeof AgentDeleted>;

export const AgentRestarted = z
  .object({ stopping: z.array(z.string()), restarted: z.array(z.string()) })
  .meta({ id: 'AgentRestarted' });
export type AgentRestarted = z.infer<typeof AgentRestarted>;
