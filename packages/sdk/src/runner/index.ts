export { createBackOff, type BackOff } from './back-off.ts';
export type { Link } from './link.ts';
export type { LinkListener } from './link-listener.ts';
export { reportOfflineStart, type OfflineStartOptions } from './report-offline-start.ts';
export { startWorkload, type StartedWorkload, type WorkloadStartOptions } from './start-workload.ts';
