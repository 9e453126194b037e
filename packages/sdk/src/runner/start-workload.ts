import type { Advice, DeliveredVariable, OfflineTerms, Output, WorkloadStarted } from '@coffer/contract';
import { connect, type ClientOptions } from '../connection.ts';
import { path } from '../path.ts';
import { requestsOver } from '../request.ts';
import { createLink, type Link } from './link.ts';

export interface WorkloadStartOptions {
  /** Slug or id. */
  readonly agent: string;
  /** The organization's default environment where left out. */
  readonly environment?: string | undefined;
  /** Names of the variables to deliver; all where left out. */
  readonly only?: readonly string[] | undefined;
  /** True for a workload that ends by itself, which `agents.restart` does not start again. */
  readonly invocation?: boolean | undefined;
  /** What becomes of the process's output: `masked` unless told otherwise. */
  readonly output?: Output | undefined;
  /** Gives the start up; the server may have recorded it all the same. */
  readonly signal?: AbortSignal | undefined;
}

export interface StartedWorkload {
  readonly workload: WorkloadStarted['workload'];
  /** The only values that Coffer ever delivers. Keep them in memory, and mask those marked `masked`. */
  readonly variables: readonly DeliveredVariable[];
  readonly advice: readonly Advice[];
  /** Whether this delivery may be kept for a start without the server, and what of it may not. */
  readonly offline: OfflineTerms | null;
  /** Silent until `listen` is called; a workload that nobody listens for counts as lost after a while. */
  readonly link: Link;
}

/**
 * Starts a workload: the server resolves everything the agent has in the environment, records the start
 * and hands the values over. Starts no process. Throws CofferError: `run_forbidden`, `env_unresolved`
 * (its `errors` name every variable that cannot be resolved), `env_too_large`, `value_unreadable` and others.
 */
export async function startWorkload(
  client: ClientOptions,
  { agent, signal, ...rest }: WorkloadStartOptions,
): Promise<StartedWorkload> {
  const connection = connect(client);
  const { organization } = client;
  const prefix = organization === undefined ? '/v1' : `/v1${path`/organizations/${organization}`}`;
  const { token, heartbeatSeconds, ...started } = await requestsOver(connection, prefix)<WorkloadStarted>(
    'POST',
    '/workloads',
    { body: { target: { type: 'agent', id: agent }, ...rest }, signal },
  );
  const link = createLink(
    { ...connection, credential: token },
    { id: started.workload.id, heartbeatSeconds },
  );
  const { workload, variables, advice, offline } = started;
  return { workload, variables, advice, offline, link };
}
