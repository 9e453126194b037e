import { z } from 'zod';
import { Role } from './access.ts';
import { Instant } from './paging.ts';

export const OrganizationRecord = z
  .object({ id: z.string(), slug: z.string(), name: z.string(), role: Role.nullable(), createdAt: Instant })
  .meta({ id: 'Organization' });
export type OrganizationRecord = z.infer<typeof OrganizationRecord>;
