import type { AuditEvent } from './port.ts';

/**
 * The bytes an event's mac covers: a JSON array in this fixed order, format number first. A resolution's
 * secrets are covered through its digest. Adding a field takes a new format number, and this one stays.
 */
export const canonicalEvent = (event: Omit<AuditEvent, 'mac'>): string =>
  JSON.stringify([
    1,
    event.id,
    event.chain,
    event.sequence,
    event.at,
    event.action,
    event.outcome,
    event.code,
    event.actorType,
    event.actorId,
    event.actorName,
    event.secretId,
    event.secretName,
    event.agentId,
    event.agentSlug,
    event.projectId,
    event.environment,
    event.version,
    event.workloadId,
    event.resolutionId,
    event.resolutionDigest,
    event.address,
    event.requestId,
    event.details,
  ]);
