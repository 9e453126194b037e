import { z } from 'zod';
import { Role } from './access.ts';
import { Instant } from './paging.ts';

export const MemberRecord = z
  .object({
    id: z.string(),
    email: z.string(),
    name: z.string(),
    role: Role,
    createdAt: Instant,
    lastActiveAt: Instant.nullable(),
  })
  .meta({ id: 'Member' });
export type MemberRecord = z.infer<typeof MemberRecord>;

export const MemberCreate = z.strictObject({
  email: z.email().max(254),
  role: Role,
  name: z.string().max(200).optional(),
});
export type MemberCreate = z.infer<typeof MemberCreate>;

export const MemberUpdate = z.strictObject({
  role: Role.optional(),
  name: z.string().max(200).optional(),
});
export type MemberUpdate = z.infer<typeof MemberUpdate>;
