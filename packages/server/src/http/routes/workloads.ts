import type { OfflineStart, WorkloadEnd, WorkloadPreview, WorkloadStart } from '@coffer/contract';
import { beatWorkload, endWorkload } from '../../domain/workloads/link.ts';
import { getWorkload, listWorkloads, stopWorkload } from '../../domain/workloads/manage.ts';
import { reportOfflineStart } from '../../domain/workloads/offline.ts';
import { previewWorkload } from '../../domain/workloads/received.ts';
import { startWorkload } from '../../domain/workloads/start.ts';
import { FinishedJson, type Call } from '../handlers.ts';

export const workloadHandlers = {
  startWorkload: async ({ caller, body, house }: Call<WorkloadStart>) => {
    const { started, openVariables } = await startWorkload(caller, body, house.starts);
    return new FinishedJson(`${JSON.stringify(started).slice(0, -1)},"variables":${openVariables()}}`);
  },
  previewWorkload: async ({ caller, body, house }: Call<WorkloadPreview>) =>
    previewWorkload(caller, body, house.starts),
  reportOfflineStart: async ({ caller, body }: Call<OfflineStart>) => reportOfflineStart(caller, body),
  listWorkloads: async ({ caller, query }: Call) => listWorkloads(caller, query),
  getWorkload: async ({ caller, params }: Call) => getWorkload(caller, params['workload'] ?? ''),
  stopWorkload: async ({ caller, params }: Call) => stopWorkload(caller, params['workload'] ?? ''),
  watchWorkload: async ({ caller, params, house, abortSignal }: Call) =>
    house.links.open(caller, params['workload'] ?? '', abortSignal()),
  beatWorkload: async ({ caller, params }: Call) => beatWorkload(caller, params['workload'] ?? ''),
  endWorkload: async ({ caller, params, body }: Call<WorkloadEnd>) =>
    endWorkload(caller, params['workload'] ?? '', body),
};
