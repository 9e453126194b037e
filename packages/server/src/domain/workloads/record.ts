import { lostAfterSeconds, type WorkloadRecord, type WorkloadState } from '@coffer/contract';
import type { ResolvedSecret } from '../audit/port.ts';
import { minuteMs, secondMs, toInstant, toInstantOrNull } from '../clock.ts';
import type { Reading } from '../guard/operation.ts';
import type { Stores } from '../stores.ts';
import type { Workload } from './port.ts';

/** A workload that was not heard since this instant is lost. */
export const lostBefore = (now: number): number => now - lostAfterSeconds * secondMs;

/** The state as of now: a workload that should beat and is silent counts as lost. */
export const stateOf = (workload: Workload, now: number): WorkloadState => {
  const { state } = workload;
  if (state !== 'starting' && state !== 'running' && state !== 'stopping') return state;
  const heardAt = workload.heartbeatAt ?? workload.startedAt;
  return heardAt < lostBefore(now) ? 'lost' : state;
};

/** What was not heard since then is lost, whenever in this minute it is looked at. */
export const heardSince = (now: number): number => lostBefore(Math.floor(now / minuteMs) * minuteMs);

export const isOver = (workload: Workload): boolean => workload.endedAt !== null;

/** Names of secrets whose value for this workload's environment is newer than what it was given. */
export const staleNames = async (
  stores: Stores,
  workload: Workload,
  given: readonly ResolvedSecret[],
): Promise<readonly string[]> => {
  if (isOver(workload) || given.length === 0) return [];
  const ids = [...new Set(given.map(({ secretId }) => secretId))] as Parameters<
    Stores['secrets']['listSlots']
  >[0][number][];
  const slots = await stores.secrets.listSlots(ids);
  const current = new Map(
    slots
      .filter((slot) => slot.current !== null)
      .map((slot) => [`${slot.secretId}/${slot.environment}`, slot.current]),
  );
  return given
    .filter(({ secretId, environment, version }) => {
      const exact = current.get(`${secretId}/${workload.environment}`);
      if (exact !== undefined) return environment !== workload.environment || exact !== version;
      const shared = current.get(`${secretId}/*`);
      return shared !== undefined && (environment !== '*' || shared !== version);
    })
    .map(({ name }) => name);
};

export const toWorkloadRecords = async (
  reading: Reading,
  workloads: readonly Workload[],
): Promise<readonly WorkloadRecord[]> => {
  const { stores, now } = reading;
  const ids = [...new Set(workloads.map(({ resolutionId }) => resolutionId))];
  const resolutions = new Map((await stores.audit.listResolutions(ids)).map((one) => [one.id, one.secrets]));
  const records: WorkloadRecord[] = [];
  for (const workload of workloads) {
    const secrets = resolutions.get(workload.resolutionId) ?? [];
    records.push({
      id: workload.id,
      agent: workload.agentSlug,
      environment: workload.environment,
      state: stateOf(workload, now),
      invocation: workload.invocation,
      output: workload.output,
      startedAt: toInstant(workload.startedAt),
      startedBy: workload.startedByName,
      heartbeatAt: toInstantOrNull(workload.heartbeatAt),
      endedAt: toInstantOrNull(workload.endedAt),
      exitStatus: workload.exitStatus,
      reason: workload.reason,
      stale: [...(await staleNames(stores, workload, secrets))],
      secrets: secrets.map((secret) => ({ ...secret })),
    });
  }
  return records;
};
