import { z } from 'zod';
import { Slug } from './slug.ts';
import { Instant, PageQuery } from './paging.ts';
import { Advice, ReceivedRecord } from './secrets.ts';

/** Seconds between heartbeats, and the silence after which a workload counts as lost. */
export const heartbeatSeconds = 20;
export const lostAfterSeconds = 60;

export const workloadStates = [
  'starting',
  'running',
  'stopping',
  'stopped',
  'failed',
  'lost',
  'detached',
] as const;
export const WorkloadState = z.enum(workloadStates);
export type WorkloadState = z.infer<typeof WorkloadState>;

/**
 * What becomes of the process's output: `masked` by the runner that holds it, `unmasked` (policy
 * `unmasked_runs`; also a process the runner does not hold on to), or `filter` (it only feeds `coffer mask`).
 */
export const Output = z.enum(['masked', 'unmasked', 'filter']);
export type Output = z.infer<typeof Output>;

export const WorkloadTarget = z.strictObject({ type: z.literal('agent'), id: z.string().min(1).max(128) });

export const WorkloadStart = z.strictObject({
  target: WorkloadTarget,
  environment: Slug.optional(),
  invocation: z.boolean().optional(),
  only: z.array(z.string().min(1).max(128)).max(1000).optional(),
  output: Output.optional(),
});
export type WorkloadStart = z.infer<typeof WorkloadStart>;

export const WorkloadPreview = WorkloadStart.pick({ target: true, environment: true, only: true });
export type WorkloadPreview = z.infer<typeof WorkloadPreview>;

/** One environment variable of a delivery. `masked`: the runner masks the value in all output. */
export const DeliveredVariable = z.object({
  name: z.string(),
  value: z.string(),
  masked: z.boolean(),
  secretId: z.string(),
  version: z.number().int(),
  source: z.enum(['built-in', 'project', 'agent', 'slot']),
});
export type DeliveredVariable = z.infer<typeof DeliveredVariable>;

/**
 * Whether the runner may keep this delivery for a start without the server (policy `offline_start`): for
 * how many hours, and which variables it must leave out.
 */
export const OfflineTerms = z.object({ hours: z.number().int(), except: z.array(z.string()) });
export type OfflineTerms = z.infer<typeof OfflineTerms>;

export const WorkloadStarted = z
  .object({
    workload: z.object({
      id: z.string(),
      agent: z.string(),
      environment: z.string(),
      state: WorkloadState,
      invocation: z.boolean(),
      startedAt: Instant,
    }),
    token: z.string(),
    heartbeatSeconds: z.number().int(),
    advice: z.array(Advice),
    offline: OfflineTerms.nullable(),
    variables: z.array(DeliveredVariable),
  })
  .meta({ id: 'WorkloadStarted' });
export type WorkloadStarted = z.infer<typeof WorkloadStarted>;

export const WorkloadPreviewed = z
  .object({
    agent: z.string(),
    environment: z.string(),
    startable: z.boolean(),
    /** What keeps the whole from being started, besides what `variables` say of each. */
    problem: z.object({ code: z.string(), detail: z.string() }).nullable(),
    variables: z.array(ReceivedRecord),
  })
  .meta({ id: 'WorkloadPreviewed' });
export type WorkloadPreviewed = z.infer<typeof WorkloadPreviewed>;

export const WorkloadRecord = z
  .object({
    id: z.string(),
    agent: z.string(),
    environment: z.string(),
    state: WorkloadState,
    invocation: z.boolean(),
    output: Output,
    startedAt: Instant,
    startedBy: z.string(),
    heartbeatAt: Instant.nullable(),
    endedAt: Instant.nullable(),
    exitStatus: z.number().int().nullable(),
    reason: z.string().nullable(),
    /** Names of secrets with a newer version than this workload was given. */
    stale: z.array(z.string()),
    secrets: z.array(
      z.object({
        name: z.string(),
        secretId: z.string(),
        environment: z.string(),
        version: z.number().int(),
        source: z.string(),
      }),
    ),
  })
  .meta({ id: 'Workload' });
export type WorkloadRecord = z.infer<typeof WorkloadRecord>;

export const WorkloadQuery = PageQuery.extend({
  agent: z.string().max(128).optional(),
  environment: Slug.optional(),
  state: WorkloadState.optional(),
});
export type WorkloadQuery = z.infer<typeof WorkloadQuery>;

/** The version that would be delivered now of a secret whose delivered version is old. */
export const NewestVersion = z.object({
  name: z.string(),
  environment: z.string(),
  version: z.number().int(),
});
export type NewestVersion = z.infer<typeof NewestVersion>;

/** The answer to a heartbeat: what the server wants of the process, and which secrets it holds are old. */
export const WorkloadPulse = z
  .object({
    state: WorkloadState,
    stop: z.boolean(),
    restart: z.boolean(),
    stale: z.array(z.string()),
    /** Of each stale secret; absent from servers that do not know it yet. */
    newest: z.array(NewestVersion).optional(),
  })
  .meta({ id: 'WorkloadPulse' });
export type WorkloadPulse = z.infer<typeof WorkloadPulse>;

export const WorkloadEnd = z.strictObject({
  /** The exit status as a shell gives it: 128 + N where signal N ended the process. */
  exitStatus: z.number().int().min(0).max(255).optional(),
});
export type WorkloadEnd = z.infer<typeof WorkloadEnd>;

/** A start that happened while the server could not be reached, told afterwards. */
export const OfflineStart = z.strictObject({
  target: WorkloadTarget,
  environment: Slug,
  startedAt: Instant,
  /** The workload whose delivery was kept. */
  deliveredBy: z.string().min(1).max(128),
});
export type OfflineStart = z.infer<typeof OfflineStart>;

export const OfflineStartReported = z
  .object({ eventRecorded: z.literal(true) })
  .meta({ id: 'OfflineStartReported' });
export type OfflineStartReported = z.infer<typeof OfflineStartReported>;
