import type { Page, WorkloadPreviewed, WorkloadQuery, WorkloadRecord } from '@coffer/contract';
import { everyItem } from './pages.ts';
import { path } from './path.ts';
import type { Request } from './request.ts';

export type Workloads = ReturnType<typeof workloadsOver>;

export interface WorkloadPreviewOptions {
  /** Slug or id. */
  readonly agent: string;
  /** The organization's default environment where left out. */
  readonly environment?: string | undefined;
  /** Names of the variables to deliver; all where left out. */
  readonly only?: readonly string[] | undefined;
}

/** Workloads as others see them; starting one is `startWorkload` of @coffer/sdk/runner. */
export function workloadsOver(request: Request) {
  const list = (query: WorkloadQuery = {}) => request<Page<WorkloadRecord>>('GET', '/workloads', { query });
  return {
    list,
    listAll: (query: WorkloadQuery = {}) => everyItem(list)(query),
    get: (workload: string) => request<WorkloadRecord>('GET', path`/workloads/${workload}`),
    /** Asks its runner to stop the process; it is `stopping` until the runner says that it ended. */
    stop: (workload: string) => request<WorkloadRecord>('POST', path`/workloads/${workload}/stop`),
    /** What a start would deliver: names, sources and versions, no values; it is recorded, nothing starts. */
    preview: ({ agent, ...rest }: WorkloadPreviewOptions) =>
      request<WorkloadPreviewed>('POST', '/workloads/preview', {
        body: { target: { type: 'agent', id: agent }, ...rest },
      }),
  };
}
