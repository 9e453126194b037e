import { z } from 'zod';
import { Role } from './access.ts';
import { KeyRecord } from './keys.ts';
import { Instant } from './paging.ts';

/** Seconds a local login challenge can be answered. */
export const challengeSeconds = 60;

/**
 * The first line of `file` is the answer, the second says where the server listens; told only to who asks on the server's own host. Elsewhere it is null, and the
 * answer is in `login/<challengeId>` of the data directory.
 */
export const LocalChallenge = z
  .object({ challengeId: z.string(), file: z.string().nullable(), expiresAt: Instant })
  .meta({ id: 'LocalChallenge' });
export type LocalChallenge = z.infer<typeof LocalChallenge>;

/** `answer` is the first line of the challenge's file, which the server's own user (and root) alone can read. */
export const LocalLogin = z.strictObject({
  challengeId: z.string().regex(/^chl_[0-9a-f]{32}$/),
  answer: z.string().min(1).max(256),
  as: z.email().max(254).optional(),
});
export type LocalLogin = z.infer<typeof LocalLogin>;

export const SessionCreated = z
  .object({ token: z.string(), email: z.string(), expiresAt: Instant })
  .meta({ id: 'SessionCreated' });
export type SessionCreated = z.infer<typeof SessionCreated>;

export const Whoami = z
  .object({
    type: z.enum(['person', 'key']),
    email: z.string().nullable(),
    organization: z.object({ id: z.string(), slug: z.string() }).nullable(),
    organizations: z.array(z.object({ id: z.string(), slug: z.string(), role: Role })),
    role: Role.nullable(),
    key: KeyRecord.pick({
      id: true,
      name: true,
      agent: true,
      project: true,
      environments: true,
      rights: true,
      expiresAt: true,
    }).nullable(),
  })
  .meta({ id: 'Whoami' });
export type Whoami = z.infer<typeof Whoami>;
