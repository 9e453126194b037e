import { CofferError, type OrganizationId, type WorkloadEnd, type WorkloadPulse } from '@coffer/contract';
import type { Caller, WorkloadCaller } from '../guard/caller.ts';
import type { Guard } from '../guard/guard.ts';
import type { Stores } from '../stores.ts';
import type { Workload } from './port.ts';
import { isOver, readGiven, stateOf, type Given } from './record.ts';

const notOwn = (): CofferError =>
  new CofferError('workload_not_found', { detail: 'The token belongs to another workload.' });

const ownWorkload = (caller: Caller, id: string): WorkloadCaller => {
  if (caller.type !== 'workload' || caller.workloadId !== id) throw notOwn();
  return caller;
};

const loadOwn = async (stores: Stores, caller: WorkloadCaller): Promise<Workload> => {
  const workload = await stores.workloads.find(caller.organizationId, caller.workloadId);
  if (workload === undefined) throw notOwn();
  return workload;
};

const pulseOf = (workload: Workload, given: Given, now: number): WorkloadPulse => {
  const newest = given.newestOf(workload);
  const stopRequested = workload.stopRequestedAt !== null && !isOver(workload);
  return {
    state: stateOf(workload, now),
    stop: stopRequested && !workload.restartRequested,
    restart: stopRequested && workload.restartRequested,
    stale: newest.map(({ name }) => name),
    newest: [...newest],
  };
};

const toPulse = async (stores: Stores, workload: Workload, now: number): Promise<WorkloadPulse> =>
  pulseOf(workload, await readGiven(stores, [workload]), now);

/** What the server wants of a workload's process right now. */
export const readPulse = async (guard: Guard, caller: Caller, id: string): Promise<WorkloadPulse> => {
  const own = ownWorkload(caller, id);
  return guard.database.read(async (stores) =>
    toPulse(stores, await loadOwn(stores, own), guard.clock.now()),
  );
};

/** The same for many workloads of an organization, each of which has shown once that it is asked for by its own. */
export const readPulses = async (
  guard: Guard,
  organizationId: OrganizationId,
  ids: readonly string[],
): Promise<ReadonlyMap<string, WorkloadPulse>> =>
  guard.database.read(async (stores) => {
    const workloads = await stores.workloads.listByIds(organizationId, ids);
    const given = await readGiven(stores, workloads);
    const now = guard.clock.now();
    return new Map(workloads.map((workload) => [workload.id, pulseOf(workload, given, now)]));
  });

/** The runner is alive. A workload that was starting runs from its first beat on. */
export const beatWorkload = async (caller: Caller, id: string): Promise<WorkloadPulse> => {
  const own = ownWorkload(caller, id);
  const { guard } = caller;
  return guard.database.commit(async (stores) => {
    const now = guard.clock.now();
    const workload = await loadOwn(stores, own);
    if (isOver(workload)) return toPulse(stores, workload, now);
    const state = workload.state === 'starting' || workload.state === 'lost' ? 'running' : workload.state;
    await stores.workloads.update(workload.id, { heartbeatAt: now, state });
    return toPulse(stores, { ...workload, heartbeatAt: now, state }, now);
  });
};

/** The process has ended; recorded once, with its exit status. */
export const endWorkload = async (caller: Caller, id: string, input: WorkloadEnd): Promise<WorkloadPulse> => {
  const own = ownWorkload(caller, id);
  return caller.guard.write(caller, 'workload.end', async (operation) => {
    operation.allowOwn();
    const { stores, now } = operation;
    const workload = await loadOwn(stores, own);
    const exitStatus = input.exitStatus ?? null;
    const asked = workload.stopRequestedAt !== null;
    const state = asked || exitStatus === 0 || exitStatus === null ? 'stopped' : 'failed';
    const ended = {
      ...workload,
      state,
      endedAt: now,
      exitStatus,
      reason: state === 'failed' ? `exit status ${exitStatus}` : null,
    } as const;
    if (!isOver(workload)) {
      const { endedAt, reason } = ended;
      await stores.workloads.update(workload.id, { state, endedAt, exitStatus, reason, heartbeatAt: now });
    }
    operation.record({
      agent: { id: workload.agentId, slug: workload.agentSlug },
      workloadId: workload.id,
      environment: workload.environment,
      details: { exitStatus },
    });
    return toPulse(stores, isOver(workload) ? workload : ended, now);
  });
};
