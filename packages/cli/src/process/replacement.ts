import { CofferError, errorTable } from '@coffer/contract/errors';
import { createBackOff } from '@coffer/sdk/runner';
import { pause } from './pause.ts';
import type { Delivery } from './supervise.ts';

export interface ReplacementWish {
  readonly start: (givenUp: AbortSignal) => Promise<Delivery>;
  /** Why it is wanted, and what becomes of the command until it is there. */
  readonly why: string;
  readonly say: (line: string) => void;
}

/** Each refusal is an event of the audit trail. */
const refusedPauses = 10;

/** The workload that is to take a running command's place: asked for again until there is one. */
export class Replacement {
  readonly #wish: ReplacementWish;
  readonly #backOff = createBackOff();
  #waiting = new AbortController();
  #said: string | undefined;

  constructor(wish: ReplacementWish) {
    this.#wish = wish;
  }

  /** Something has changed: tries again now, if it is waiting to. */
  hurry(): void {
    this.#backOff.reset();
    this.#waiting.abort();
  }

  /**
   * Undefined where it was not there before `noMore` aborted; a start that is on its way then is waited for,
   * until `givenUp` aborts.
   */
  async start({ noMore, givenUp }: Record<'noMore' | 'givenUp', AbortSignal>): Promise<Delivery | undefined> {
    const isOver = () => noMore.aborted;
    while (!isOver()) {
      try {
        return await this.#wish.start(givenUp);
      } catch (error) {
        if (isOver()) return undefined;
        this.#sayOnce(error);
        this.#waiting = new AbortController();
        const pauseMs = this.#backOff.nextMs() * (mayPass(error) ? 1 : refusedPauses);
        await pause(pauseMs, AbortSignal.any([noMore, this.#waiting.signal]));
      }
    }
    return undefined;
  }

  #sayOnce(error: unknown): void {
    const reason = error instanceof Error ? error.message : 'unknown';
    if (reason !== this.#said) this.#wish.say(`${this.#wish.why}, and the start is tried again: ${reason}`);
    this.#said = reason;
  }
}

const mayPass = (error: unknown): boolean => !(error instanceof CofferError) || errorTable[error.code].retry;
