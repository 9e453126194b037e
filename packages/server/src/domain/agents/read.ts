import { CofferError, isSlug, type AgentQuery, type AgentRecord, type Page } from '@coffer/contract';
import { toInstant, toInstantOrNull } from '../clock.ts';
import { closeNames } from '../close-names.ts';
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

const agentsPerPage = 500;
/** A typing mistake in a large organization is not worth reading all of it. */
const pagesCompared = 4;

/** Slugs near the one that was asked for, among agents this caller may see. */
const listClose = async (reading: Reading, asked: string): Promise<readonly string[]> => {
  if (!(await reading.can('agent.list'))) return [];
  const seen: string[] = [];
  let after: string | undefined;
  for (let page = 0; page < pagesCompared; page += 1) {
    const agents = await reading.stores.agents.list(reading.organizationId, { after, limit: agentsPerPage });
    for (const agent of agents) if (await reading.can('agent.read', { agent })) seen.push(agent.slug);
    if (agents.length < agentsPerPage) break;
    after = agents.at(-1)?.id;
  }
  return closeNames(asked, seen);
};

/** `agent_not_found` with what was asked for, where that is a slug, and with close ones. */
const describeMissingAgent = async (reading: Reading, asked: string): Promise<CofferError> => {
  const close = isSlug(asked) ? await listClose(reading, asked) : [];
  const hints = [
    ...(close.length === 0 ? [] : [`Close to it: ${close.join(', ')}`]),
    'List them with: coffer agent list. Make one with: coffer agent create SLUG',
  ];
  return new CofferError('agent_not_found', {
    detail: isSlug(asked)
      ? `The organization has no agent ${asked}.`
      : 'The organization has no agent of this id or slug.',
    hint: hints.join('\n'),
  });
};

/** The agent, by id or slug. Throws `agent_not_found`, also for an agent of another organization. */
export const getAgentOf = async (reading: Reading, idOrSlug: string): Promise<Agent> => {
  const agent = await reading.stores.agents.find(reading.organizationId, idOrSlug);
  if (agent === undefined) throw await describeMissingAgent(reading, idOrSlug);
  return agent;
};

/** The same without the names of its project and owner. */
export const getAgentRow = async (reading: Reading, idOrSlug: string): Promise<AgentRow> => {
  const agent = await reading.stores.agents.findRow(reading.organizationId, idOrSlug);
  if (agent === undefined) throw await describeMissingAgent(reading, idOrSlug);
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
