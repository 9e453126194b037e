import { CofferError } from '@coffer/contract';
import type { TestCaller } from '@coffer/testkit';
import { agent, BrokenPromise, doubtful } from './crash-writer.ts';

/** Of those acknowledged before a kill, the last so many are looked for after it. */
const looksFor = 25;

/**
 * One client that starts workloads, one after another. What it is given may be the change of a writer at the
 * same moment, so it looks only for its starts: each one that was answered has to be there after the kill.
 */
export class CrashStarter {
  readonly #started: string[] = [];
  acknowledged = 0;

  /** Starts workloads until one has no clear answer. */
  async run(caller: TestCaller): Promise<void> {
    for (let isAnswered = true; isAnswered;) isAnswered = await this.#start(caller);
  }

  /** Every start that was answered is recorded, and the audit trail names it. */
  async check(caller: TestCaller): Promise<void> {
    const ids = this.#started.splice(0).slice(-looksFor);
    for (const id of ids) {
      const workload = await caller.workloads.get(id).catch(() => undefined);
      if (workload?.id !== id) throw new BrokenPromise(`the acknowledged start ${id} is gone`);
    }
  }

  async #start(caller: TestCaller): Promise<boolean> {
    try {
      const { workload } = await caller.start({ agent, environment: 'development', invocation: true });
      this.#started.push(workload.id);
      this.acknowledged += 1;
      return true;
    } catch (error) {
      if (!(error instanceof CofferError) || !doubtful.has(error.code)) throw error;
      return false;
    }
  }
}
