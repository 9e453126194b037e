import { z } from 'zod';

/** Roles of a member, highest first; an auditor reads metadata and the audit trail and changes nothing. */
export const roles = ['owner', 'admin', 'member', 'auditor'] as const;
export const Role = z.enum(roles);
export type Role = z.infer<typeof Role>;

/** What an API key may be narrowed to. `deploy` includes stop and restart, `run` starts its agent. */
export const rights = ['read', 'write', 'deploy', 'run', 'admin'] as const;
export const Right = z.enum(rights);
export type Right = z.infer<typeof Right>;

export type CallerKind = 'person' | 'key' | 'workload';

/**
 * Who may call a route at all; the guard decides on the target afterwards. `right` is what an API key
 * needs: `any` where every key may call.
 */
export type Access =
  { readonly open: true } | { readonly callers: readonly CallerKind[]; readonly right: Right | 'any' };

export const open = { open: true } as const satisfies Access;
export const peopleAndKeys = (right: Right | 'any') =>
  ({ callers: ['person', 'key'], right }) as const satisfies Access;
export const people = { callers: ['person'], right: 'any' } as const satisfies Access;
export const ownWorkload = { callers: ['workload'], right: 'any' } as const satisfies Access;
