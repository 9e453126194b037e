import { CofferError } from '@coffer/contract/errors';
import type { ClientOptions } from '@coffer/sdk';
import { type StartedWorkload, reportOfflineStart } from '@coffer/sdk/runner';
import type { Delivery } from '../../process/supervise.ts';
import {
  type KeptDelivery,
  type KeptPlace,
  dropDelivery,
  findKeptDelivery,
  keepDelivery,
} from './kept-delivery.ts';

/** A start without the server needs an API key, which its key is derived from. */
export interface OfflinePlace {
  readonly folder: string;
  readonly client: ClientOptions;
  readonly kept: KeptPlace;
}

const hourMs = 3_600_000;
/** The answers after which nobody may start with what was kept. */
const endsKeeping = [
  'not_authenticated',
  'forbidden',
  'run_forbidden',
  'agent_not_found',
  'environment_not_found',
  'organization_not_found',
];

/** After a start with the server: keeps the delivery as policy allows, and tells of starts without it. */
export async function settleStart(place: OfflinePlace, started: StartedWorkload, now: number): Promise<void> {
  const before = findKeptDelivery(place.folder, place.kept);
  for (const startedAt of before?.unreported ?? []) {
    const { agent, environment, workloadId } = before as KeptDelivery;
    await reportOfflineStart(place.client, { agent, environment, startedAt, deliveredBy: workloadId });
  }
  const { offline, workload, variables } = started;
  if (offline === null) {
    dropDelivery(place.folder, place.kept);
    return;
  }
  keepDelivery(place.folder, place.kept, {
    workloadId: workload.id,
    agent: workload.agent,
    environment: workload.environment,
    deliveredAt: now,
    hours: offline.hours,
    variables: variables.filter(({ name }) => !offline.except.includes(name)),
    unreported: [],
  });
}

/** An answer that takes the right to start away deletes what was kept. */
export function forgetWhereRefused(place: OfflinePlace, failure: unknown): void {
  const isRefused = failure instanceof CofferError && endsKeeping.includes(failure.code);
  if (isRefused) dropDelivery(place.folder, place.kept);
}

/**
 * What was kept, where the server cannot be reached and it is not past its age; else the failure of the
 * start goes on.
 */
export function startOffline(
  place: OfflinePlace,
  failure: unknown,
  context: { now: number; say: (line: string) => void },
): Delivery {
  if (!(failure instanceof CofferError) || failure.code !== 'server_unreachable') throw failure;
  const kept = findKeptDelivery(place.folder, place.kept);
  if (kept === undefined) throw failure;
  const ageMs = context.now - kept.deliveredAt;
  if (ageMs < 0 || ageMs > kept.hours * hourMs) {
    dropDelivery(place.folder, place.kept);
    throw failure;
  }
  const startedAt = new Date(context.now).toISOString();
  keepDelivery(place.folder, place.kept, { ...kept, unreported: [...kept.unreported, startedAt] });
  const minutes = Math.round(ageMs / 60_000);
  context.say(
    `the server cannot be reached; starting with what it delivered ${minutes} minute${minutes === 1 ? '' : 's'} ago (policy offline_start: ${kept.hours} h)`,
  );
  return { variables: kept.variables, link: noLink };
}

/** Nobody to talk to: the start is told of at the next one that reaches the server. */
const noLink: Delivery['link'] = {
  listen: () => undefined,
  end: () => Promise.resolve(false),
  close: () => undefined,
};
