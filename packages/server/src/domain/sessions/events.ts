import type { AuditEvent, AuditOutcome } from '../audit/port.ts';
import type { Origin } from '../guard/caller.ts';
import { createId } from '../ids.ts';
import type { Person } from '../members/port.ts';

/** An event of authentication itself, which happens before there is a caller. */
export const signInEvent = (facts: {
  now: number;
  origin: Origin;
  chain: string;
  outcome: AuditOutcome;
  person: Person | undefined;
  action?: string;
  details?: Readonly<Record<string, unknown>>;
}): Omit<AuditEvent, 'sequence' | 'mac'> => ({
  id: createId('event', facts.now),
  chain: facts.chain,
  at: facts.now,
  action: facts.action ?? 'session.create',
  outcome: facts.outcome,
  code: facts.outcome === 'done' ? null : 'not_authenticated',
  actorType: facts.person === undefined ? 'unknown' : 'person',
  actorId: facts.person?.id ?? '',
  actorName: facts.person?.email ?? '',
  secretId: null,
  secretName: null,
  agentId: null,
  agentSlug: null,
  projectId: null,
  environment: null,
  version: null,
  workloadId: null,
  resolutionId: null,
  resolutionDigest: null,
  address: facts.origin.address,
  requestId: facts.origin.requestId,
  details: JSON.stringify(facts.details ?? {}),
});
