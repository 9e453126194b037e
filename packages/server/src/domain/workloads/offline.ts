import {
  CofferError,
  type OfflineStart,
  type OfflineStartReported,
  type OfflineTerms,
  type Policy,
} from '@coffer/contract';
import { getAgentOf } from '../agents/read.ts';
import { getEnvironment } from '../environments/manage.ts';
import type { Caller } from '../guard/caller.ts';
import type { Collected } from './collect.ts';

/** What a runner may keep of a delivery, and for how long: never remote, brokered or `never_reveal` secrets. */
export const offlineTerms = (set: readonly Collected[], policy: Policy): OfflineTerms | null => {
  if (policy.offline_start === 'off') return null;
  const except = set
    .filter(
      ({ secret, version }) =>
        secret.exposure === 'broker' || secret.neverReveal || version?.storage !== 'local',
    )
    .map(({ name }) => name);
  return { hours: policy.offline_start, except };
};

/** Enters a start that happened without the server into the trail, with the versions it was given earlier. */
export const reportOfflineStart = async (
  caller: Caller,
  input: OfflineStart,
): Promise<OfflineStartReported> =>
  caller.guard.write(caller, 'workload.start_offline', async (operation) => {
    const agent = await getAgentOf(operation, input.target.id);
    operation.concerning({ agent });
    const environment = (await getEnvironment(operation, input.environment)).slug;
    operation.concerning({ environment });
    await operation.allow('workload.start', { agent, environment });
    const { stores, organizationId } = operation;
    const delivered = await stores.workloads.find(organizationId, input.deliveredBy);
    if (delivered?.agentId !== agent.id || delivered.environment !== environment) {
      throw new CofferError('workload_not_found', {
        detail: 'The delivery this start used is not one of this agent and environment.',
        hint: 'Report the workload id that came with the delivery.',
      });
    }
    const [resolution] = await stores.audit.listResolutions([delivered.resolutionId]);
    operation.record({
      agent,
      environment,
      workloadId: delivered.id,
      resolution,
      details: { startedAt: input.startedAt },
    });
    return { eventRecorded: true };
  });
