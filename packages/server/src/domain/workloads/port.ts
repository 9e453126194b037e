import type { AgentId, OrganizationId, Output, SecretId, WorkloadId, WorkloadState } from '@coffer/contract';

export interface Workload {
  readonly id: WorkloadId;
  readonly organizationId: OrganizationId;
  readonly agentId: AgentId;
  readonly agentSlug: string;
  readonly environment: string;
  /** As last written; a reader derives `lost` from the heartbeat until it is written too. */
  readonly state: WorkloadState;
  readonly invocation: boolean;
  readonly output: Output;
  readonly tokenHash: string;
  readonly resolutionId: string;
  readonly startedAt: number;
  readonly startedBy: string;
  readonly startedByName: string;
  readonly heartbeatAt: number | null;
  readonly endedAt: number | null;
  readonly exitStatus: number | null;
  readonly stopRequestedAt: number | null;
  readonly restartRequested: boolean;
  readonly reason: string | null;
}

export interface WorkloadStore {
  insert(workloads: readonly Workload[]): Promise<void>;
  find(organizationId: OrganizationId, id: string): Promise<Workload | undefined>;
  listByIds(organizationId: OrganizationId, ids: readonly string[]): Promise<readonly Workload[]>;
  /** In whatever organization; for a link token, which names its workload. */
  findById(id: string): Promise<Workload | undefined>;
  /** Newest first. `state` is that of now: what is stored as active and silent since `lostBefore` is `lost`. */
  list(
    organizationId: OrganizationId,
    page: {
      agentIds?: readonly AgentId[] | undefined;
      environment?: string | undefined;
      state?: WorkloadState | undefined;
      lostBefore: number;
      before?: string | undefined;
      limit: number;
    },
  ): Promise<readonly Workload[]>;
  listActive(organizationId: OrganizationId, agentId: AgentId): Promise<readonly Workload[]>;
  /** Writes `lost` to active workloads that are silent since before this instant; returns how many. */
  markLost(silentSince: number, limit: number): Promise<number>;
  /** Active workloads whose resolution names this secret, and that were heard at this instant or later. */
  listActiveWithSecret(secretId: SecretId, heardSince: number): Promise<readonly Workload[]>;
  update(
    id: WorkloadId,
    change: Partial<
      Pick<
        Workload,
        'state' | 'heartbeatAt' | 'endedAt' | 'exitStatus' | 'stopRequestedAt' | 'restartRequested' | 'reason'
      >
    >,
  ): Promise<void>;
}
