import { CofferError, type AuditEventRecord, type AuditQuery, type Page } from '@coffer/contract';
import { getAgentOf } from '../agents/read.ts';
import { toInstant } from '../clock.ts';
import { checkEmptyFilter } from '../environments/manage.ts';
import type { Caller } from '../guard/caller.ts';
import type { Reading } from '../guard/operation.ts';
import { decodeCursor, limitOf, toPage } from '../paging.ts';
import type { AuditEvent, ResolvedSecret } from './port.ts';

/** Slugs of the projects these events name; one that is deleted keeps its id. */
const slugsOf = async (reading: Reading, events: readonly AuditEvent[]): Promise<Map<string, string>> => {
  const slugs = new Map<string, string>();
  for (const { projectId } of events) {
    if (projectId === null || slugs.has(projectId)) continue;
    const project = await reading.stores.projects.find(reading.organizationId, projectId);
    slugs.set(projectId, project?.slug ?? projectId);
  }
  return slugs;
};

const toRecord = (
  event: AuditEvent,
  named: { secrets: readonly ResolvedSecret[]; project: string | null },
): AuditEventRecord => ({
  id: event.id,
  sequence: event.sequence,
  at: toInstant(event.at),
  action: event.action,
  outcome: event.outcome,
  code: event.code,
  actor: { type: event.actorType, id: event.actorId, name: event.actorName },
  secretId: event.secretId,
  secret: event.secretName,
  agent: event.agentSlug,
  project: named.project,
  environment: event.environment,
  version: event.version,
  workloadId: event.workloadId,
  secrets: named.secrets.map((secret) => ({ ...secret })),
  address: event.address,
  requestId: event.requestId,
  details: JSON.parse(event.details) as Record<string, unknown>,
});

/** The cursor of a page is the last sequence on it. */
const sequenceOf = (text: string): number => {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new CofferError('request_invalid', {
    detail: 'The cursor is not one that this list gave out.',
    hint: 'Start again without a cursor; go on with nextCursor of the page before.',
  });
};

/** The trail of the organization, filtered, newest first unless asked otherwise. */
export const listAudit = async (caller: Caller, query: AuditQuery): Promise<Page<AuditEventRecord>> =>
  caller.guard.read(caller, async (reading) => {
    await reading.allow('audit.read');
    const { cursor, limit: asked, since, until, agent: agentName, ...filter } = query;
    const limit = limitOf(asked);
    const after = decodeCursor(cursor, 1)?.[0];
    const agent =
      agentName === undefined
        ? undefined
        : ((await reading.stores.agents.findDeleted(reading.organizationId, agentName)) ??
          (await getAgentOf(reading, agentName)));
    const events = await reading.stores.audit.list({
      ...filter,
      chain: reading.organizationId,
      agentId: agent?.id,
      since: since === undefined ? undefined : Date.parse(since),
      until: until === undefined ? undefined : Date.parse(until),
      afterSequence: after === undefined ? undefined : sequenceOf(after),
      limit: limit + 1,
    });
    await checkEmptyFilter(reading, events, filter.environment);
    const page = toPage(events, limit, {
      cursorOf: ({ sequence }) => [String(sequence)],
      itemOf: (event) => event,
    });
    const ids = [
      ...new Set(page.items.flatMap(({ resolutionId }) => (resolutionId === null ? [] : [resolutionId]))),
    ];
    const resolutions = new Map(
      (await reading.stores.audit.listResolutions(ids)).map((one) => [one.id, one.secrets]),
    );
    const slugs = await slugsOf(reading, page.items);
    return {
      items: page.items.map((event) =>
        toRecord(event, {
          secrets: resolutions.get(event.resolutionId ?? '') ?? [],
          project: slugs.get(event.projectId ?? '') ?? null,
        }),
      ),
      nextCursor: page.nextCursor,
    };
  });
