import { z } from 'zod';

/**
 * Every id is `<prefix>_<26 characters>`: Crockford base32 of 48 bits of milliseconds and 80 random
 * bits (the ULID layout), so that ids sort by time and never look like a slug, which has no underscore.
 */
export const idPrefixes = {
  organization: 'org',
  person: 'per',
  member: 'mem',
  session: 'ses',
  project: 'prj',
  environment: 'env',
  agent: 'agt',
  key: 'key',
  secret: 'sec',
  workload: 'wrk',
  event: 'evt',
  dataKey: 'dk',
} as const;

export type IdNoun = keyof typeof idPrefixes;

const idSchema = <Noun extends IdNoun>(noun: Noun) =>
  z
    .string()
    .regex(new RegExp(`^${idPrefixes[noun]}_[0-9A-HJKMNP-TV-Z]{26}$`))
    .brand<Noun>();

export const OrganizationId = idSchema('organization');
export const PersonId = idSchema('person');
export const MemberId = idSchema('member');
export const SessionId = idSchema('session');
export const ProjectId = idSchema('project');
export const EnvironmentId = idSchema('environment');
export const AgentId = idSchema('agent');
export const KeyId = idSchema('key');
export const SecretId = idSchema('secret');
export const WorkloadId = idSchema('workload');
export const EventId = idSchema('event');

export type OrganizationId = z.infer<typeof OrganizationId>;
export type PersonId = z.infer<typeof PersonId>;
export type MemberId = z.infer<typeof MemberId>;
export type SessionId = z.infer<typeof SessionId>;
export type ProjectId = z.infer<typeof ProjectId>;
export type EnvironmentId = z.infer<typeof EnvironmentId>;
export type AgentId = z.infer<typeof AgentId>;
export type KeyId = z.infer<typeof KeyId>;
export type SecretId = z.infer<typeof SecretId>;
export type WorkloadId = z.infer<typeof WorkloadId>;
export type EventId = z.infer<typeof EventId>;

/** Whether the text is written like an id of this noun (it may still name nothing). */
export const isId = (noun: IdNoun, text: string): boolean =>
  text.length === idPrefixes[noun].length + 27 && text.startsWith(`${idPrefixes[noun]}_`);
