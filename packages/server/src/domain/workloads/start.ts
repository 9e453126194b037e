import {
  CofferError,
  heartbeatSeconds,
  type Output,
  type WorkloadStart,
  type WorkloadStarted,
} from '@coffer/contract';
import { createToken, hashToken } from '@coffer/crypto';
import { toInstant } from '../clock.ts';
import { actorOf, type Caller } from '../guard/caller.ts';
import { createId } from '../ids.ts';
import { joinLinkToken } from '../guard/link-token.ts';
import { loadCaller } from '../guard/load-caller.ts';
import { Operation } from '../guard/operation.ts';
import { buildPlan, loadTarget, type PlanCache, type StartPlan, type StartTarget } from './plan.ts';
import type { Workload } from './port.ts';
import { stateOf } from './record.ts';

/** A delivery: everything of the answer but `variables`, whose JSON text is opened when it is written. */
export interface Delivery {
  readonly started: Omit<WorkloadStarted, 'variables'>;
  readonly openVariables: () => string;
}

export interface StartSettings {
  readonly cache: PlanCache;
  /** Names and values of one process, in bytes. */
  readonly environmentMaxBytes: number;
}

const placeOf = (input: WorkloadStart): string =>
  input.only === undefined
    ? `${input.target.id}/${input.environment ?? ''}`
    : `${input.target.id}/${input.environment ?? ''}/${JSON.stringify(input.only)}`;

const refuseUnmasked = (operation: Operation, target: StartTarget, output: Output): void => {
  if (output !== 'unmasked') return;
  const allowed = target.policy.unmasked_runs;
  if (allowed === 'any' || (allowed === 'development' && target.environment === 'development')) return;
  operation.concerning({ details: { reason: `policy unmasked_runs is ${allowed}` } });
  throw new CofferError('run_forbidden', {
    detail: `Policy unmasked_runs (${allowed}) does not allow an unmasked run in ${target.environment}.`,
    hint: 'Leave out --no-mask and --exec, or ask an owner about policy unmasked_runs.',
  });
};

const begin = (
  operation: Operation,
  plan: StartPlan,
  input: WorkloadStart,
): Omit<WorkloadStarted, 'variables'> => {
  const { now, caller } = operation;
  const { agent, environment, resolution } = plan;
  const id = createId('workload', now);
  const secret = createToken('cfr_run');
  const output = input.output ?? 'masked';
  const invocation = input.invocation ?? false;
  const actor = actorOf(caller);
  operation.record({
    agent,
    environment,
    workloadId: id,
    resolution,
    ...(output === 'masked' ? {} : { details: { output } }),
  });
  const workload: Workload = {
    id,
    organizationId: agent.organizationId,
    agentId: agent.id,
    agentSlug: agent.slug,
    environment,
    state: 'starting',
    invocation,
    output,
    tokenHash: hashToken(secret),
    resolutionId: resolution.id,
    startedAt: now,
    startedBy: actor.id,
    startedByName: actor.name,
    heartbeatAt: null,
    endedAt: null,
    exitStatus: null,
    stopRequestedAt: null,
    restartRequested: false,
    reason: null,
  };
  operation.ledger.insertWorkload(workload);
  const state = stateOf(workload, now);
  return {
    workload: { id, agent: agent.slug, environment, state, invocation, startedAt: toInstant(now) },
    token: joinLinkToken(id, secret),
    heartbeatSeconds,
    advice: [...plan.advice],
    offline: plan.offline,
  };
};

/**
 * Starts a workload: the hot path. The same steps as every guarded change, in the same order, but what
 * was resolved for the same words before is used again while the organization's change counter stands
 * still, and the event and the workload are buffered rows of the batch. The delivery is opened only
 * after the batch is durable. Throws `run_forbidden`, `agent_not_found`, `env_unresolved`, `env_too_large`.
 */
export const startWorkload = async (
  caller: Caller,
  input: WorkloadStart,
  settings: StartSettings,
): Promise<Delivery> => {
  const { guard } = caller;
  const { cache } = settings;
  let operation: Operation | undefined;
  const { plan, started } = await guard.database.commit(
    async (stores, ledger) => {
      operation = undefined;
      const now = guard.clock.now();
      const head =
        caller.organizationId === null
          ? undefined
          : (ledger.findHead(caller.organizationId) ?? (await ledger.open(caller.organizationId)));
      const changes = head?.changes ?? 0;
      const isFresh = head?.accessChanges === caller.accessChanges && caller.expiresAt > now;
      const fresh = isFresh ? caller : await loadCaller(stores, caller, { now, ledger });
      operation = new Operation({ caller: fresh, stores, now }, 'workload.start', {
        ledger,
        keyring: guard.keyring,
      });
      const place = `${operation.organizationId}/${placeOf(input)}`;
      const known = cache.find(place, changes);
      const target = known ?? (await loadTarget(operation, input));
      operation.concerning({ agent: target.agent, environment: target.environment });
      operation.allowUnder(target.policy, 'workload.start', target);
      refuseUnmasked(operation, target, input.output ?? 'masked');
      const use = { input, place, changes, maxBytes: settings.environmentMaxBytes, cache };
      const resolved = known ?? (await buildPlan(operation, target, use));
      // Not before it is durable: a plan names a resolution that this very batch stores.
      if (known === undefined) ledger.afterCommit(() => cache.keep(place, resolved));
      return { plan: resolved, started: begin(operation, resolved, input) };
    },
    {
      ...(caller.organizationId !== null && { chains: [caller.organizationId] }),
      onlyAppends: true,
      afterFailure: (error) => {
        if (error instanceof CofferError && operation !== undefined) operation.recordRefusal(error.code);
      },
    },
  );
  return { started, openVariables: () => cache.openBundle(plan) };
};
