import { randomFillSync } from 'node:crypto';
import {
  idPrefixes,
  type AgentId,
  type EnvironmentId,
  type EventId,
  type IdNoun,
  type KeyId,
  type MemberId,
  type OrganizationId,
  type PersonId,
  type ProjectId,
  type SecretId,
  type SessionId,
  type WorkloadId,
} from '@coffer/contract';

export { isId } from '@coffer/contract';
export type {
  AgentId,
  EnvironmentId,
  KeyId,
  MemberId,
  OrganizationId,
  PersonId,
  ProjectId,
  SecretId,
  WorkloadId,
};

interface IdOf {
  organization: OrganizationId;
  person: PersonId;
  member: MemberId;
  session: SessionId;
  project: ProjectId;
  environment: EnvironmentId;
  agent: AgentId;
  key: KeyId;
  secret: SecretId;
  workload: WorkloadId;
  event: EventId;
  dataKey: string;
}

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const timeDigits = 10;
const randomDigits = 16;
const pool = new Uint8Array(randomDigits * 256);
let used = pool.length;

const randomPart = (): string => {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  let text = '';
  for (const end = used + randomDigits; used < end; used += 1)
    text += alphabet.charAt((pool[used] ?? 0) & 31);
  return text;
};

let encodedTime = -1;
let timePart = '';
const encodeTime = (now: number): string => {
  if (now === encodedTime) return timePart;
  let rest = now;
  let text = '';
  for (let digit = 0; digit < timeDigits; digit += 1) {
    text = alphabet.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  encodedTime = now;
  timePart = text;
  return text;
};

/** A new id: the noun's prefix, 10 digits of milliseconds and 16 random digits (80 bits), as ULID lays them out. */
export const createId = <Noun extends IdNoun>(noun: Noun, now: number): IdOf[Noun] =>
  `${idPrefixes[noun]}_${encodeTime(now)}${randomPart()}` as IdOf[Noun];
