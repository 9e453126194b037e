import {
  lostAfterSeconds,
  type NewestVersion,
  type SecretId,
  type WorkloadRecord,
  type WorkloadState,
} from '@coffer/contract';
import type { ResolvedSecret } from '../audit/port.ts';
import { minuteMs, secondMs, toInstant, toInstantOrNull } from '../clock.ts';
import type { Reading } from '../guard/operation.ts';
import type { Stores } from '../stores.ts';
import type { Workload } from './port.ts';

/** A workload that was not heard since this instant is lost. */
export const lostBefore = (now: number): number => now - lostAfterSeconds * secondMs;

export const isOver = (workload: Workload): boolean => workload.endedAt !== null;

/** It runs, so far as is known: its start or its runner was heard within the last minute. */
export const isHeard = (workload: Workload, now: number): boolean =>
  !isOver(workload) && (workload.heartbeatAt ?? workload.startedAt) >= lostBefore(now);

/**
 * The state as of now: a workload that should beat and is silent counts as lost. One whose output is not masked is
 * detached while it runs, as its runner may have become the process; a stop that a runner hears of shows.
 */
export const stateOf = (workload: Workload, now: number): WorkloadState => {
  const { state, output } = workload;
  if (isOver(workload)) return state;
  if (output !== 'masked') return state === 'stopping' && isHeard(workload, now) ? state : 'detached';
  return isHeard(workload, now) ? state : 'lost';
};

/** What was not heard since then is lost, whenever in this minute it is looked at. */
export const heardSince = (now: number): number => lostBefore(Math.floor(now / minuteMs) * minuteMs);

/** What workloads were given, as they stand now. */
export interface Given {
  readonly secretsOf: (workload: Workload) => readonly ResolvedSecret[];
  /** The secrets whose value for this workload's environment is newer than what it was given, with the newer version. */
  readonly newestOf: (workload: Workload) => readonly NewestVersion[];
}

const secretsPerQuery = 1000;

/** The numbers of the current versions, by `secretId/environment`. */
const readCurrent = async (
  { secrets }: Stores,
  ids: readonly SecretId[],
): Promise<ReadonlyMap<string, number>> => {
  const current = new Map<string, number>();
  for (let from = 0; from < ids.length; from += secretsPerQuery)
    for (const slot of await secrets.listSlots(ids.slice(from, from + secretsPerQuery)))
      if (slot.current !== null) current.set(`${slot.secretId}/${slot.environment}`, slot.current);
  return current;
};

/** Read for all of them together, as many share what they were given. */
export const readGiven = async (stores: Stores, workloads: readonly Workload[]): Promise<Given> => {
  const resolutions = await stores.audit.listResolutions([
    ...new Set(workloads.map(({ resolutionId }) => resolutionId)),
  ]);
  const byId = new Map(resolutions.map(({ id, secrets }) => [id, secrets]));
  const secretsOf = ({ resolutionId }: Workload) => byId.get(resolutionId) ?? [];
  const running = workloads.filter((workload) => !isOver(workload));
  const resolved = new Set(running.map(({ resolutionId }) => resolutionId));
  const ids = new Set([...resolved].flatMap((id) => (byId.get(id) ?? []).map(({ secretId }) => secretId)));
  // A resolution names secrets by their ids.
  const current = await readCurrent(stores, [...ids] as SecretId[]);
  const findNewer = (workload: Workload, given: ResolvedSecret): NewestVersion | undefined => {
    const environment = [workload.environment, '*'].find((one) => current.has(`${given.secretId}/${one}`));
    if (environment === undefined) return undefined;
    const version = current.get(`${given.secretId}/${environment}`);
    if (version === undefined || (environment === given.environment && version === given.version))
      return undefined;
    return { name: given.name, environment, version };
  };
  return {
    secretsOf,
    newestOf: (workload) =>
      isOver(workload) ? [] : secretsOf(workload).flatMap((secret) => findNewer(workload, secret) ?? []),
  };
};

export const toWorkloadRecords = async (
  reading: Reading,
  workloads: readonly Workload[],
): Promise<readonly WorkloadRecord[]> => {
  const { stores, now } = reading;
  const given = await readGiven(stores, workloads);
  return workloads.map((workload) => ({
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
    stale: given.newestOf(workload).map(({ name }) => name),
    secrets: given.secretsOf(workload).map((secret) => ({ ...secret })),
  }));
};
