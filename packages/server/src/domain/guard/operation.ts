import { CofferError, type ErrorCode, type OrganizationId, type Policy } from '@coffer/contract';
import type { Agent } from '../agents/port.ts';
import { createId } from '../ids.ts';
import type { AuditEvent, AuditOutcome, Resolution } from '../audit/port.ts';
import type { Ledger } from '../audit/ledger.ts';
import type { Keyring } from '../keyring/keyring.ts';
import { readPolicy } from '../policy/read.ts';
import type { Secret } from '../secrets/port.ts';
import type { Stores } from '../stores.ts';
import { actorOf, type Caller } from './caller.ts';
import { decide } from './decide.ts';
import { describeRefusal } from './describe-refusal.ts';
import type { GuardedAct, Target } from './rights.ts';

/** What an audit event says beyond who, when and how it ended. */
export interface Facts {
  readonly secret?: (Pick<Secret, 'id' | 'name'> & Partial<Pick<Secret, 'projectId'>>) | undefined;
  /** A name that was asked for, where no secret is loaded (or exists). */
  readonly secretName?: string | undefined;
  readonly agent?: (Pick<Agent, 'id' | 'slug'> & Partial<Pick<Agent, 'projectId'>>) | undefined;
  readonly projectId?: string | undefined;
  readonly environment?: string | undefined;
  readonly version?: number | undefined;
  readonly workloadId?: string | undefined;
  readonly resolution?: Resolution | undefined;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

/** Codes whose refusals enter the audit trail. */
const auditedCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'forbidden',
  'run_forbidden',
  'env_unresolved',
  'no_value_for_environment',
  'env_too_large',
  'value_unreadable',
  'key_unreadable',
  'secret_not_found',
  'agent_not_found',
  'version_conflict',
  'value_reused',
]);

/** Looks at stores under the guard: every read of something decides first. */
export class Reading {
  readonly caller: Caller;
  readonly stores: Stores;
  readonly now: number;
  protected decided = false;
  #policy: Promise<Policy> | undefined;
  /** What a refusal's event says about its target; set as soon as it is known. */
  protected facts: Facts = {};

  constructor(caller: Caller, stores: Stores, now: number) {
    this.caller = caller;
    this.stores = stores;
    this.now = now;
  }

  get organizationId(): OrganizationId {
    if (this.caller.organizationId === null) throw organizationUnclear();
    return this.caller.organizationId;
  }

  policy(): Promise<Policy> {
    return (this.#policy ??= this.accessRow('policy', async () =>
      readPolicy(this.stores, this.organizationId),
    ));
  }

  /**
   * A row that decides access, by a name that begins with its kind. Not for who changes such a row: an
   * operation remembers it while the counter of access stands still.
   */
  async accessRow<Row extends object>(_name: string, load: () => Promise<Row>): Promise<Row> {
    return load();
  }

  /** Names what the operation is about, for the event of a refusal. */
  concerning(facts: Facts): void {
    this.facts = { ...this.facts, ...facts };
  }

  /** Whether the caller may; for lists that leave out what may not be seen. */
  async can(act: GuardedAct, target: Target = {}): Promise<boolean> {
    this.decided = true;
    const policy = await this.policy();
    return decide(this.caller, act, { target, policy }).allowed;
  }

  /** Goes on only if the caller may; throws `forbidden` (or `run_forbidden`) and says no more than that. */
  async allow(act: GuardedAct, target: Target = {}): Promise<void> {
    this.allowUnder(await this.policy(), act, target);
  }

  /** The same with the policy at hand. */
  allowUnder(policy: Policy, act: GuardedAct, target: Target): void {
    this.decided = true;
    const decision = decide(this.caller, act, { target, policy });
    if (decision.allowed) return;
    this.concerning({ details: { ...this.facts.details, act, reason: decision.reason } });
    const refused = { target, policy, facts: this.facts };
    throw new CofferError(decision.code, describeRefusal(this.caller, act, refused));
  }

  /** For what a caller may always do with its own credential: the decision is that it is the caller's own. */
  allowOwn(): void {
    this.decided = true;
  }

  /** True once something was decided; what returns before is stopped by the guard. */
  hasDecided(): boolean {
    return this.decided;
  }

  get refusalFacts(): Facts {
    return this.facts;
  }
}

/** One guarded change: decides, acts, records. Ends as an error unless it decided and recorded. */
export class Operation extends Reading {
  readonly action: string;
  readonly ledger: Ledger;
  readonly keyring: Keyring;
  readonly #computed: Map<string, Promise<string>>;
  #recorded = false;
  #hasChanged = false;

  constructor(
    base: { caller: Caller; stores: Stores; now: number },
    action: string,
    parts: { ledger: Ledger; keyring: Keyring; computed?: Map<string, Promise<string>> },
  ) {
    super(base.caller, base.stores, base.now);
    this.action = action;
    this.ledger = parts.ledger;
    this.keyring = parts.keyring;
    this.#computed = parts.computed ?? new Map<string, Promise<string>>();
  }

  /** What is the same whenever it is computed for this request: reading ahead, acting, acting again. */
  once(name: string, compute: () => Promise<string>): Promise<string> {
    const known = this.#computed.get(name);
    if (known !== undefined) return known;
    const computing = compute();
    this.#computed.set(name, computing);
    // A read that failed with its transaction is done again in the next.
    computing.catch(() => this.#computed.delete(name));
    return computing;
  }

  override async accessRow<Row extends object>(name: string, load: () => Promise<Row>): Promise<Row> {
    const state = this.ledger.findAccessState(this.organizationId);
    if (state === undefined) return load();
    const { accessRows } = this.caller.guard;
    const kept = accessRows.find(state, name);
    // A name stands for one kind of row.
    if (kept !== undefined) return kept as Row;
    const row = await load();
    this.ledger.afterCommit(() => accessRows.keep(state, name, row));
    return row;
  }

  /** Adds the event of what was done. `action` only where it differs from the operation's own. */
  record(facts: Facts, action: string = this.action): void {
    this.#recorded = true;
    this.#append({ action, outcome: 'done', code: null, facts });
  }

  /** Adds the event of a part that failed, where the rest is done all the same. */
  recordFailure(code: ErrorCode, facts: Facts): void {
    this.#append({ action: this.action, outcome: 'failed', code, facts });
  }

  /** The event of a refusal, written after the operation's own changes were rolled back. */
  recordRefusal(code: ErrorCode): boolean {
    if (!auditedCodes.has(code)) return false;
    const outcome = code === 'forbidden' || code === 'run_forbidden' ? 'refused' : 'failed';
    this.#append({ action: this.action, outcome, code, facts: this.facts });
    return true;
  }

  /** Whatever decides access or resolution has changed. */
  changed(): void {
    this.#hasChanged = true;
    this.ledger.bumpAccess(this.organizationId);
  }

  /** Secrets or their values have changed, and nothing that says who may do what. */
  secretsChanged(): void {
    this.#hasChanged = true;
    this.ledger.bumpChanges(this.organizationId);
  }

  /** True once the change counter was moved. */
  hasChanged(): boolean {
    return this.#hasChanged;
  }

  hasRecorded(): boolean {
    return this.#recorded;
  }

  #append(event: { action: string; outcome: AuditOutcome; code: string | null; facts: Facts }): void {
    this.ledger.append(describeEvent(this, event));
  }
}

const describeEvent = (
  operation: Operation,
  event: { action: string; outcome: AuditOutcome; code: string | null; facts: Facts },
): Omit<AuditEvent, 'sequence' | 'mac'> => {
  const { caller, now } = operation;
  const { facts } = event;
  const actor = actorOf(caller);
  return {
    id: createId('event', now),
    chain: operation.organizationId,
    at: now,
    action: event.action,
    outcome: event.outcome,
    code: event.code,
    actorType: actor.type,
    actorId: actor.id,
    actorName: actor.name,
    secretId: facts.secret?.id ?? null,
    secretName: facts.secret?.name ?? facts.secretName ?? null,
    agentId: facts.agent?.id ?? null,
    agentSlug: facts.agent?.slug ?? null,
    projectId: facts.projectId ?? facts.secret?.projectId ?? facts.agent?.projectId ?? null,
    environment: facts.environment ?? null,
    version: facts.version ?? null,
    workloadId: facts.workloadId ?? null,
    resolutionId: facts.resolution?.id ?? null,
    resolutionDigest: facts.resolution?.digest ?? null,
    address: caller.origin.address,
    requestId: caller.origin.requestId,
    details: JSON.stringify(facts.details ?? {}),
  };
};

const organizationUnclear = (): CofferError =>
  new CofferError('request_invalid', {
    detail: 'The caller belongs to several organizations (or none), and the request names none.',
    hint: 'Name it: /v1/organizations/<organization>/..., --org <slug>, or COFFER_ORG.',
  });
