import {
  maskMinLength,
  type Advice,
  type DeliveredVariable,
  type OfflineTerms,
  type Policy,
  type WorkloadStart,
} from '@coffer/contract';
import {
  createEphemeralKey,
  encodeBinding,
  isExhausted,
  open,
  seal,
  SecretBytes,
  type DataKey,
} from '@coffer/crypto';
import { LRUCache } from 'lru-cache';
import type { AgentRow } from '../agents/port.ts';
import { getAgentRow } from '../agents/read.ts';
import type { Resolution } from '../audit/port.ts';
import { digestResolution } from '../audit/resolution.ts';
import { rememberEnvironment } from '../environments/manage.ts';
import type { Operation } from '../guard/operation.ts';
import { createId } from '../ids.ts';
import type { CollectableVersion } from '../secrets/port.ts';
import { describeUnreadable, tryOpenStored, type Unreadable } from '../secrets/value.ts';
import { collect, findTooLarge, nameMissing, narrow, refuseUnresolved, type Collected } from './collect.ts';
import { offlineTerms } from './offline.ts';

/** Who a start is for and under which rules; what the guard decides with. */
export interface StartTarget {
  readonly agent: AgentRow;
  readonly environment: string;
  readonly policy: Policy;
}

/**
 * Everything a start needs but the start itself, as of one state of the organization's change counter.
 * The delivery is the finished JSON of all variables, sealed as one bundle under a key that only this
 * process has: a start opens one bundle, and an opened value is not kept beyond the answers it is for.
 */
export interface StartPlan extends StartTarget {
  readonly changes: number;
  readonly resolution: Resolution;
  readonly bundle: Uint8Array;
  readonly bundleKey: DataKey;
  readonly place: string;
  readonly advice: readonly Advice[];
  readonly offline: OfflineTerms | null;
}

const cachedPlans = 20_000;
const cachedBytes = 64 * 1024 * 1024;

/** Plans by caller's words, each good for one state of the change counter only. */
export class PlanCache {
  readonly #plans = new LRUCache<string, StartPlan>({
    max: cachedPlans,
    maxSize: cachedBytes,
    sizeCalculation: ({ bundle, resolution }) => bundle.byteLength + 1024 + resolution.secrets.length * 128,
  });
  readonly #opened = new Map<StartPlan, string>();
  #key = createEphemeralKey();
  #seals = 0;

  find(place: string, changes: number): StartPlan | undefined {
    const plan = this.#plans.get(place);
    return plan?.changes === changes ? plan : undefined;
  }

  keep(place: string, plan: StartPlan): void {
    this.#plans.set(place, plan);
  }

  sealingKey(): DataKey {
    this.#seals += 1;
    if (isExhausted(this.#seals)) {
      this.#key = createEphemeralKey();
      this.#seals = 1;
    }
    return this.#key;
  }

  /**
   * The JSON text of the delivered variables. Starts of one plan that are answered one right after another, as
   * those of a batch are, share one opening, which is forgotten before anything else happens. Fails closed
   * where the bundle is not this plan's.
   */
  openBundle(plan: StartPlan): string {
    const known = this.#opened.get(plan);
    if (known !== undefined) return known;
    const { bundleKey, bundle, agent, place, changes } = plan;
    const opened = open(bundleKey, bundle, bindBundle(agent.organizationId, place, changes));
    if (!opened.ok) throw new Error('A cached delivery does not open');
    const text = opened.value.revealPlaintext();
    opened.value.wipe();
    if (this.#opened.size === 0) queueMicrotask(() => this.#opened.clear());
    this.#opened.set(plan, text);
    return text;
  }
}

const bindBundle = (organizationId: string, entry: string, change: number): Uint8Array =>
  encodeBinding('cache', { organizationId, entry, change });

export const loadTarget = async (operation: Operation, input: WorkloadStart): Promise<StartTarget> => {
  const { id } = input.target;
  const agent = await operation.accessRow(`agent-row/${id}`, async () => getAgentRow(operation, id));
  operation.concerning({ agent });
  const policy = await operation.policy();
  const slug = input.environment ?? policy.default_environment;
  const environment = await rememberEnvironment(operation, slug);
  operation.concerning({ environment });
  return { agent, environment, policy };
};

const deliver = async (
  operation: Operation,
  one: Collected,
  version: CollectableVersion,
): Promise<DeliveredVariable | Unreadable> => {
  const { name, source, secret } = one;
  const common = { name, secretId: secret.id, version: version.number, source };
  if (secret.exposure === 'broker') {
    if (version.placeholder === null) return { secret, version };
    return { ...common, value: version.placeholder, masked: false };
  }
  const opened = await tryOpenStored(operation, secret, version);
  if (!(opened instanceof SecretBytes)) return opened;
  const value = opened.revealPlaintext();
  opened.wipe();
  return { ...common, value, masked: version.kind === 'sealed' };
};

/** What a set delivers, and which of its stored values do not open; what has no value is left out. */
export const openSet = async (
  operation: Operation,
  set: readonly Collected[],
): Promise<{
  readonly variables: readonly DeliveredVariable[];
  readonly unreadable: readonly Unreadable[];
}> => {
  const variables: DeliveredVariable[] = [];
  const unreadable: Unreadable[] = [];
  for (const one of set) {
    if (one.version === undefined) continue;
    const delivered = await deliver(operation, one, one.version);
    if ('value' in delivered) variables.push(delivered);
    else unreadable.push(delivered);
  }
  return { variables, unreadable };
};

/** The event of a refusal names all of them, and is found by the first that does not open. */
const noteUnresolved = (
  operation: Operation,
  missing: readonly string[],
  unreadable: readonly Unreadable[],
): void => {
  const names = unreadable.map(({ secret }) => secret.name);
  const [first] = unreadable;
  operation.concerning({
    ...(first !== undefined && { secret: first.secret, version: first.version.number }),
    details: {
      ...(missing.length > 0 && { missing }),
      ...(names.length > 0 && { unreadable: names }),
    },
  });
};

const adviseOnDelivery = (variables: readonly DeliveredVariable[]): readonly Advice[] =>
  variables
    .filter(({ masked, value }) => masked && Array.from(value).length < maskMinLength)
    .map(({ name }) => ({
      code: 'value_too_short_to_mask',
      level: 'warning',
      message: `${name} is under ${maskMinLength} characters, so it is not masked in output.`,
    }));

/** Starts that get the same versions share one resolution, written once (R-257's index by secret). */
const ensureResolution = async (operation: Operation, set: readonly Collected[]): Promise<Resolution> => {
  const { ledger, now, organizationId } = operation;
  const secrets = set.map(({ name, secret, version, source }) => ({
    name,
    secretId: secret.id,
    environment: version?.environment ?? '',
    version: version?.number ?? 0,
    source,
  }));
  const digest = digestResolution(secrets);
  const known = await ledger.findResolutionId(organizationId, digest);
  if (known !== undefined) return { id: known, organizationId, digest, secrets };
  const resolution = { id: createId('event', now).replace('evt', 'res'), organizationId, digest, secrets };
  ledger.insertResolution(resolution);
  return resolution;
};

/** Resolves a start from the stores. Throws `env_unresolved`, `env_too_large`, `value_unreadable` or `key_unreadable`. */
export const buildPlan = async (
  operation: Operation,
  target: StartTarget,
  use: { input: WorkloadStart; place: string; changes: number; maxBytes: number; cache: PlanCache },
): Promise<StartPlan> => {
  const { agent, environment } = target;
  const set = narrow(await collect(operation.stores, agent, environment), use.input.only);
  const tooLarge = findTooLarge(set.kept, agent, use.maxBytes);
  const { variables, unreadable } = await openSet(operation, tooLarge === undefined ? set.kept : []);
  noteUnresolved(operation, nameMissing(set), unreadable);
  refuseUnresolved({ ...set, unreadable }, agent, environment);
  if (tooLarge !== undefined) throw tooLarge;
  if (unreadable.length > 0)
    throw describeUnreadable(`Agent ${agent.slug} cannot start in ${environment}`, unreadable);
  const resolution = await ensureResolution(operation, set.kept);
  const bundleKey = use.cache.sealingKey();
  const aad = bindBundle(agent.organizationId, use.place, use.changes);
  const bundle = seal(bundleKey, Buffer.from(JSON.stringify(variables)), aad);
  return {
    ...target,
    changes: use.changes,
    resolution,
    bundle,
    bundleKey,
    place: use.place,
    advice: adviseOnDelivery(variables),
    offline: offlineTerms(set.kept, target.policy),
  };
};
