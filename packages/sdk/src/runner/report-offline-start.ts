import type { OfflineStartReported } from '@coffer/contract';
import { connect, type ClientOptions } from '../connection.ts';
import { path } from '../path.ts';
import { type CreateOptions, requestsOver } from '../request.ts';

/** A start that used a kept delivery while the server could not be reached. */
export interface OfflineStartOptions extends CreateOptions {
  /** Slug or id. */
  readonly agent: string;
  readonly environment: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Id of the workload whose delivery was kept. */
  readonly deliveredBy: string;
}

/** Tells the server afterwards of a start without it, so that the audit trail has it (R-311). */
export async function reportOfflineStart(client: ClientOptions, started: OfflineStartOptions): Promise<void> {
  const { organization } = client;
  const prefix = organization === undefined ? '/v1' : `/v1${path`/organizations/${organization}`}`;
  const { agent, idempotencyKey, ...rest } = started;
  await requestsOver(connect(client), prefix)<OfflineStartReported>('POST', '/workloads/offline', {
    body: { target: { type: 'agent', id: agent }, ...rest },
    idempotencyKey,
  });
}
