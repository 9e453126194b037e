import { createHmac } from 'node:crypto';
import { CofferError } from '@coffer/contract';
import { hourMs } from '../clock.ts';
import { actorOf, type Caller } from '../guard/caller.ts';

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
  /** The answer carries a value or a key: only the id of what was made is kept. */
  readonly carriesValues: boolean;
}

const onlyId = (body: string): string => {
  const { id } = JSON.parse(body) as { id?: unknown };
  return JSON.stringify({ id: typeof id === 'string' ? id : null, replayed: true });
};

/** Keeps what a caller's key stood for, so that a repeated write is done once. */
export class Idempotency {
  readonly #running = new Map<string, Promise<Answer>>();

  /** Runs `act` once per caller, route and key; throws `idempotency_conflict` where the body differs. */
  async once(caller: Caller, request: Remembering, act: () => Promise<Answer>): Promise<Answer> {
    const callerId = actorOf(caller).id;
    const place = `${callerId}\n${request.route}\n${request.key}`;
    const digest = await this.#digest(caller, request.body);
    const known = await caller.guard.database.read(async (stores) =>
      stores.idempotency.find(callerId, request.route, request.key),
    );
    if (known !== undefined && known.createdAt + idempotencyKeptMs > caller.guard.clock.now()) {
      if (known.bodyDigest !== digest) throw conflict();
      return { status: known.status, body: known.answer };
    }
    if (this.#running.has(place)) throw conflict();
    const running = act();
    this.#running.set(place, running);
    try {
      const answer = await running;
      await caller.guard.database.commit(async (stores) =>
        stores.idempotency.insert({
          callerId,
          route: request.route,
          key: request.key,
          bodyDigest: digest,
          answer: request.carriesValues ? onlyId(answer.body) : answer.body,
          status: answer.status,
          createdAt: caller.guard.clock.now(),
        }),
      );
      return answer;
    } finally {
      this.#running.delete(place);
    }
  }

  async #digest(caller: Caller, body: string): Promise<string> {
    const { organizationId, guard } = caller;
    if (organizationId === null) throw conflict();
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
