import { type Selectable, sql } from 'kysely';
import type { Workload, WorkloadStore } from '../domain/workloads/port.ts';
import { createBulkInsert } from './bulk-insert.ts';
import { toFlag } from './json-columns.ts';
import { prepare } from './prepared-query.ts';
import type { StoreContext } from './store-context.ts';
import type { WorkloadTable } from './tables.ts';

const columns = [
  'id',
  'organizationId',
  'agentId',
  'agentSlug',
  'environment',
  'state',
  'invocation',
  'output',
  'tokenHash',
  'resolutionId',
  'startedAt',
  'startedBy',
  'startedByName',
  'heartbeatAt',
  'endedAt',
  'exitStatus',
  'stopRequestedAt',
  'restartRequested',
  'reason',
] as const;

const writeRow = (workload: Workload) => [
  workload.id,
  workload.organizationId,
  workload.agentId,
  workload.agentSlug,
  workload.environment,
  workload.state,
  toFlag(workload.invocation),
  workload.output,
  workload.tokenHash,
  workload.resolutionId,
  workload.startedAt,
  workload.startedBy,
  workload.startedByName,
  workload.heartbeatAt,
  workload.endedAt,
  workload.exitStatus,
  workload.stopRequestedAt,
  toFlag(workload.restartRequested),
  workload.reason,
];

export const readWorkload = (row: Selectable<WorkloadTable>): Workload => ({
  ...row,
  invocation: row.invocation === 1,
  restartRequested: row.restartRequested === 1,
});

/** A process that the runner holds on to and that has not ended. */
const activeStates = ['starting', 'running', 'stopping'] as const;
const isOneOf = (states: readonly Workload['state'][], state: Workload['state']): boolean =>
  states.includes(state);
/** Spelled as the indexes of active workloads spell it, or they would not serve. */
export const isActive = sql<boolean>`state in ('starting', 'running', 'stopping')`;

/** When an active workload was heard last. */
export const heardAt = sql<number>`coalesce(workload.heartbeat_at, workload.started_at)`;

export const createWorkloadStore = ({ queries, session, engine }: StoreContext): WorkloadStore => {
  const insertRows = createBulkInsert(engine, { session, queries, table: 'workload', columns });
  const workloads = queries.selectFrom('workload').selectAll('workload');
  // The ids come from the index of active workloads alone, however many others the resolutions had.
  const activeWithSecret = prepare(session, (value) =>
    workloads
      .where('id', 'in', (eb) =>
        eb
          .selectFrom('workload as active')
          .select('active.id')
          .where('active.resolutionId', 'in', (inner) =>
            inner
              .selectFrom('resolutionSecret')
              .select('resolutionId')
              .where('secretId', '=', value('secretId')),
          )
          .where(isActive),
      )
      .where(heardAt, '>=', value('heardSince'))
      .orderBy('id'),
  );
  return {
    insert: (rows) => insertRows(rows.map(writeRow)),
    async find(organizationId, id) {
      const row = await workloads
        .where('organizationId', '=', organizationId)
        .where('id', '=', id as never)
        .executeTakeFirst();
      return row && readWorkload(row);
    },
    async listByIds(organizationId, ids) {
      if (ids.length === 0) return [];
      const rows = await workloads
        .where('organizationId', '=', organizationId)
        .where('id', 'in', ids as readonly never[])
        .execute();
      return rows.map(readWorkload);
    },
    async findById(id) {
      const row = await workloads.where('id', '=', id as never).executeTakeFirst();
      return row && readWorkload(row);
    },
    async list(organizationId, { agentIds, environment, state, lostBefore, before, limit }) {
      if (agentIds?.length === 0) return [];
      let query = workloads.where('organizationId', '=', organizationId);
      if (agentIds !== undefined) query = query.where('agentId', 'in', agentIds);
      if (environment !== undefined) query = query.where('environment', '=', environment);
      // As `stateOf` has it.
      if (state === 'lost')
        query = query
          .where('output', '=', 'masked')
          .where((eb) =>
            eb.or([
              eb('state', '=', state),
              eb.and([eb('state', 'in', activeStates), eb(heardAt, '<', lostBefore)]),
            ]),
          );
      else if (state === 'detached')
        query = query
          .where('endedAt', 'is', null)
          .where('output', '!=', 'masked')
          .where((eb) => eb.or([eb('state', '!=', 'stopping'), eb(heardAt, '<', lostBefore)]));
      else if (state !== undefined) {
        query = query.where('state', '=', state);
        if (isOneOf(activeStates, state)) query = query.where(heardAt, '>=', lostBefore);
        if (state === 'starting' || state === 'running') query = query.where('output', '=', 'masked');
      }
      if (before !== undefined) query = query.where('id', '<', before as never);
      const rows = await query.orderBy('id', 'desc').limit(limit).execute();
      return rows.map(readWorkload);
    },
    async listActive(organizationId, agentId) {
      const rows = await workloads
        .where('agentId', '=', agentId)
        .where('organizationId', '=', organizationId)
        .where(isActive)
        .orderBy('id')
        .execute();
      return rows.map(readWorkload);
    },
    listActiveWithSecret: async (secretId, heardSince) =>
      (await activeWithSecret({ secretId, heardSince })).map(readWorkload),
    async markLost(silentSince, limit) {
      const silent = queries
        .selectFrom('workload')
        .select('id')
        .where(isActive)
        .where(heardAt, '<', silentSince)
        .limit(limit);
      const { numUpdatedRows } = await queries
        .updateTable('workload')
        .set({ state: 'lost' })
        .where('id', 'in', silent)
        .executeTakeFirst();
      return Number(numUpdatedRows);
    },
    async update(id, { restartRequested, ...change }) {
      const set =
        restartRequested === undefined ? change : { ...change, restartRequested: toFlag(restartRequested) };
      if (Object.keys(set).length === 0) return;
      await queries.updateTable('workload').set(set).where('id', '=', id).execute();
    },
  };
};
