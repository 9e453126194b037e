import { createHmac } from 'node:crypto';
import { CofferError, type OrganizationId } from '@coffer/contract';
import { hourMs } from '../clock.ts';
import { actorOf, type Caller } from '../guard/caller.ts';
import type { Guard } from '../guard/guard.ts';
import type { Stores } from '../stores.ts';
import type { IdempotencyRecord } from './port.ts';

/** How long an `Idempotency-Key` is remembered. */
export const idempotencyKeptMs = 24 * hourMs;

export interface Answer {
  readonly status: number;
  /** JSON text. */
  readonly body: string;
}

export interface Remembering {
  readonly route: string;
  readonly key: string;
  readonly body: string;
  /** Of its success. */
  readonly status: number;
  /** The answer carries a value or a key: only the id of what was made is kept. */
  readonly carriesValues: boolean;
}

const onlyId = (body: string): string => {
  const { id } = JSON.parse(body) as { id?: unknown };
  return JSON.stringify({ id: typeof id === 'string' ? id : null, replayed: true });
};

/** The role a caller acts under: its own, or that of the key's maker. */
const standingOf = (caller: Caller): string => ('member' in caller ? (caller.member?.role ?? '') : '');

/** Keeps what a caller's key stood for, so that a repeated write is done once. */
export class Idempotency {
  readonly #running = new Set<string>();

  /**
   * Runs `act` once per caller, route and key: what it made is remembered in the transaction of its own
   * write, so that a crash leaves both or neither. Throws `idempotency_conflict` where the body differs.
   */
  async once(
    caller: Caller,
    request: Remembering,
    act: (remembered: Caller) => Promise<Answer>,
  ): Promise<Answer> {
    const { organizationId, guard } = caller;
    if (organizationId === null) return act(caller);
    const { route, key, status } = request;
    const callerId = actorOf(caller).id;
    const place = `${callerId}\n${route}\n${key}`;
    const bodyDigest = await this.#digest(guard, organizationId, request.body);
    const findKnown = async (stores: Stores): Promise<IdempotencyRecord | undefined> => {
      const known = await stores.idempotency.find(callerId, route, key);
      const isKept = known !== undefined && known.createdAt + idempotencyKeptMs > guard.clock.now();
      return isKept ? known : undefined;
    };
    const { known, standing } = await guard.read(caller, async (reading) => {
      reading.allowOwn();
      return { known: await findKnown(reading.stores), standing: standingOf(reading.caller) };
    });
    if (known !== undefined) {
      const [knownDigest, knownStanding] = known.bodyDigest.split(' ');
      if (knownDigest !== bodyDigest) throw conflict();
      // Under another role than then, the guard decides anew: what was answered then may be closed now.
      if (knownStanding === standing) return { status: known.status, body: known.answer };
    }
    if (this.#running.has(place)) throw conflict();
    this.#running.add(place);
    const keepAnswer = async (stores: Stores, result: unknown): Promise<void> => {
      if ((await findKnown(stores)) !== undefined) throw conflict();
      const createdAt = guard.clock.now();
      await stores.idempotency.deleteBefore(createdAt - idempotencyKeptMs + 1);
      const body = JSON.stringify(result);
      const answer = request.carriesValues ? onlyId(body) : body;
      const kept = { callerId, route, key, bodyDigest: `${bodyDigest} ${standing}` };
      await stores.idempotency.insert({ ...kept, answer, status, createdAt });
    };
    try {
      return await act({ ...caller, keepAnswer });
    } finally {
      this.#running.delete(place);
    }
  }

  async #digest(guard: Guard, organizationId: OrganizationId, body: string): Promise<string> {
    const key = await guard.database.read(async (stores) =>
      guard.keyring.fingerprintKey(stores, organizationId),
    );
    return createHmac('sha256', key.toKeyObject()).update('coffer/idempotency/1:').update(body).digest('hex');
  }
}

const conflict = (): CofferError =>
  new CofferError('idempotency_conflict', {
    detail: 'This Idempotency-Key was used for another request, or that request is still running.',
    hint: 'Use a new key for a new request; repeat the same request to get its answer again.',
  });
