import { CofferError, type AgentQuery, type AgentRecord, type Page } from '@coffer/contract';
import { toInstant, toInstantOrNull } from '../clock.ts';
import type { Caller } from '../guard/caller.ts';
import type { Reading } from '../guard/operation.ts';
import { decodeCursor, limitOf, toPage } from '../paging.ts';
import { getProject } from '../projects/manage.ts';
import type { Agent, AgentRow } from './port.ts';

export const toAgentRecord = (agent: Agent): AgentRecord => ({
  id: agent.id,
  slug: agent.slug,
  project: agent.projectSlug,
  owner: agent.ownerEmail,
  createdAt: toInstant(agent.createdAt),
  deletedAt: toInstantOrNull(agent.deletedAt),
});

const notFound = (): CofferError =>
  new CofferError('agent_not_found', {
    detail: 'The organization has no agent of this id or slug.',
    hint: 'List them with: coffer agent list. Make one with: coffer agent create SLUG',
  });

/** The agent, by id or slug. Throws `agent_not_found`, also for an agent of another organization. */
export const getAgentOf = async (reading: Reading, idOrSlug: string): Promise<Agent> => {
  const agent = await reading.stores.agents.find(reading.organizationId, idOrSlug);
  if (agent === undefined) throw notFound();
  return agent;
};

/** The same without the names of its project and owner. */
export const getAgentRow = async (reading: Reading, idOrSlug: string): Promise<AgentRow> => {
  const agent = await reading.stores.agents.findRow(reading.organizationId, idOrSlug);
  if (agent === undefined) throw notFound();
  return agent;
};

export const listAgents = async (caller: Caller, query: AgentQuery): Promise<Page<AgentRecord>> =>
  caller.guard.read(caller, async (reading) => {
    await reading.allow('agent.list');
    const limit = limitOf(query.limit);
    const after = decodeCursor(query.cursor, 1)?.[0];
    const project = query.project === undefined ? undefined : await getProject(reading, query.project);
    const rows = await reading.stores.agents.list(reading.organizationId, {
      projectId: project?.id,
      after,
      limit: limit + 1,
    });
    return toPage(rows, limit, { cursorOf: ({ id }) => [id], itemOf: toAgentRecord });
  });

export const getAgent = async (caller: Caller, idOrSlug: string): Promise<AgentRecord> =>
  caller.guard.read(caller, async (reading) => {
    const agent = await getAgentOf(reading, idOrSlug);
    await reading.allow('agent.read', { agent });
    return toAgentRecord(agent);
  });
