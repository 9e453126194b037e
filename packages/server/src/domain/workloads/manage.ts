import {
  CofferError,
  type AgentId,
  type AgentRestarted,
  type Page,
  type WorkloadQuery,
  type WorkloadRecord,
} from '@coffer/contract';
import { getAgentOf } from '../agents/read.ts';
import type { Agent } from '../agents/port.ts';
import { checkEmptyFilter } from '../environments/manage.ts';
import type { Caller } from '../guard/caller.ts';
import type { Operation, Reading } from '../guard/operation.ts';
import { decodeCursor, limitOf, toPage } from '../paging.ts';
import type { Workload } from './port.ts';
import { isHeard, isOver, lostBefore, toWorkloadRecords } from './record.ts';

const workloadNotFound = (): CofferError =>
  new CofferError('workload_not_found', {
    detail: 'The organization has no workload of this id.',
    hint: 'List them with: coffer workloads list',
  });

const findWorkload = async (reading: Reading, id: string): Promise<Workload> => {
  const workload = await reading.stores.workloads.find(reading.organizationId, id);
  if (workload !== undefined) return workload;
  reading.allowOwn();
  throw workloadNotFound();
};

const agentNamed = ({ agentId, agentSlug }: Workload) => ({ id: agentId, slug: agentSlug });

/** Its agent, deleted or not. One that was purged is nobody's: then the right in the whole organization decides. */
const findAgentOf = async (reading: Reading, workload: Workload): Promise<Agent | undefined> => {
  const { stores, organizationId } = reading;
  const agent =
    (await stores.agents.find(organizationId, workload.agentId)) ??
    (await stores.agents.findDeleted(organizationId, workload.agentId));
  reading.concerning({ agent: agent ?? agentNamed(workload), workloadId: workload.id });
  return agent;
};

/** Agents whose workloads this caller may see; undefined means all. */
const visibleAgents = async (reading: Reading): Promise<readonly AgentId[] | undefined> => {
  if (await reading.can('workload.read')) return undefined;
  const visible: AgentId[] = [];
  let after: string | undefined;
  for (;;) {
    const agents = await reading.stores.agents.list(reading.organizationId, { after, limit: 500 });
    for (const agent of agents) if (await reading.can('workload.read', { agent })) visible.push(agent.id);
    after = agents.at(-1)?.id;
    if (agents.length < 500) return visible;
  }
};

/** Newest first; leaves out what the caller may not see. */
export const listWorkloads = async (caller: Caller, query: WorkloadQuery): Promise<Page<WorkloadRecord>> =>
  caller.guard.read(caller, async (reading) => {
    await reading.allow('workload.list');
    const limit = limitOf(query.limit);
    const before = decodeCursor(query.cursor, 1)?.[0];
    const agent = query.agent === undefined ? undefined : await getAgentOf(reading, query.agent);
    reading.concerning({ agent });
    if (agent !== undefined) await reading.allow('workload.read', { agent });
    const agentIds = agent === undefined ? await visibleAgents(reading) : [agent.id];
    const rows = await reading.stores.workloads.list(reading.organizationId, {
      agentIds,
      environment: query.environment,
      state: query.state,
      lostBefore: lostBefore(reading.now),
      before,
      limit: limit + 1,
    });
    await checkEmptyFilter(reading, rows, query.environment);
    const page = toPage(rows, limit, { cursorOf: ({ id }) => [id], itemOf: (workload) => workload });
    return { items: await toWorkloadRecords(reading, page.items), nextCursor: page.nextCursor };
  });

const oneRecord = async (reading: Reading, workload: Workload): Promise<WorkloadRecord> => {
  const [record] = await toWorkloadRecords(reading, [workload]);
  if (record === undefined) throw workloadNotFound();
  return record;
};

export const getWorkload = async (caller: Caller, id: string): Promise<WorkloadRecord> =>
  caller.guard.read(caller, async (reading) => {
    const workload = await findWorkload(reading, id);
    const agent = await findAgentOf(reading, workload);
    await reading.allow('workload.read', agent === undefined ? {} : { agent });
    return oneRecord(reading, workload);
  });

const requestStop = async (operation: Operation, workload: Workload, restart: boolean): Promise<void> => {
  await operation.stores.workloads.update(workload.id, {
    state: 'stopping',
    stopRequestedAt: operation.now,
    restartRequested: restart,
  });
};

/** Asks the runner to end the process: stopping now, stopped once the runner says so. */
export const stopWorkload = async (caller: Caller, id: string): Promise<WorkloadRecord> =>
  caller.guard.write(caller, 'workload.stop', async (operation) => {
    const workload = await findWorkload(operation, id);
    const { environment } = workload;
    operation.concerning({ environment });
    const agent = await findAgentOf(operation, workload);
    await operation.allow('workload.stop', { ...(agent !== undefined && { agent }), environment });
    if (!isOver(workload)) await requestStop(operation, workload, false);
    operation.changed();
    operation.record({ agent: agent ?? agentNamed(workload), workloadId: workload.id, environment });
    return oneRecord(
      operation,
      (await operation.stores.workloads.find(operation.organizationId, id)) ?? workload,
    );
  });

/**
 * Stops every workload of an agent; their runners start those again that are not invocations. A
 * key of some environments stops those of its environments alone.
 */
export const restartAgent = async (caller: Caller, idOrSlug: string): Promise<AgentRestarted> =>
  caller.guard.write(caller, 'agent.restart', async (operation) => {
    const agent = await getAgentOf(operation, idOrSlug);
    operation.concerning({ agent });
    await operation.allow('agent.restart', { agent });
    const active = await operation.stores.workloads.listActive(operation.organizationId, agent.id);
    const stopping: string[] = [];
    const restarted: string[] = [];
    for (const workload of active) {
      const { environment } = workload;
      if (!isHeard(workload, operation.now)) continue;
      if (!(await operation.can('agent.restart', { agent, environment }))) continue;
      await requestStop(operation, workload, !workload.invocation);
      (workload.invocation ? stopping : restarted).push(workload.id);
    }
    operation.changed();
    operation.record({ agent, details: { stopping: stopping.length, restarted: restarted.length } });
    return { stopping, restarted };
  });
