import { constants } from 'node:os';
import { SignalForwarder } from './forwarded-signals.ts';
import type { RunningCommand } from './running-command.ts';
import { stopCommand } from './stop-command.ts';

export interface Variable {
  readonly name: string;
  readonly value: string;
  readonly masked: boolean;
}

/** What the server may ask while the command runs. */
export interface LinkListener {
  readonly stop: () => void;
  readonly restart: () => void;
  readonly rotated: (stale: readonly string[]) => void;
}

/** One started workload: its values, and the line to the server. */
export interface Delivery {
  readonly variables: readonly Variable[];
  readonly link: {
    listen(listener: LinkListener): void;
    end(exitStatus?: number): Promise<boolean>;
  };
}

export type OnRotate = 'ignore' | 'restart' | 'signal';

export interface Supervision {
  /** Starts a workload, each time a new one. */
  readonly start: () => Promise<Delivery>;
  readonly launch: (delivery: Delivery) => Promise<RunningCommand>;
  readonly onRotate: OnRotate;
  readonly rotateSignal: NodeJS.Signals;
  /** Start again when the server says so. */
  readonly restart: boolean;
  readonly stopGraceMs: number;
  readonly say: (line: string) => void;
}

/** Most commands are over before the server would want anything of them. */
const listenAfterMs = 100;
/** How long an exit waits for the server to take note of it. */
const endNoticeMs = 500;

/** Runs the command, again where it is to be started again, and gives its exit status. */
export async function supervise(supervision: Supervision): Promise<number> {
  let delivery = await supervision.start();
  const signals = new SignalForwarder();
  try {
    for (;;) {
      const turn = await runOnce(supervision, delivery, signals);
      if (!turn.again) return turn.status;
      delivery = turn.next ?? (await supervision.start());
      if (signals.endAsked !== undefined) {
        await reportEnd(delivery);
        return 128 + constants.signals[signals.endAsked];
      }
      supervision.say('started again');
    }
  } finally {
    signals.stop();
  }
}

interface Turn {
  readonly status: number;
  readonly again: boolean;
  /** The workload to go on with, where it was started ahead of the old one's end. */
  readonly next: Delivery | undefined;
}

async function runOnce(
  supervision: Supervision,
  delivery: Delivery,
  signals: SignalForwarder,
): Promise<Turn> {
  const command = await supervision.launch(delivery).catch(async (error: unknown) => {
    await reportEnd(delivery);
    throw error;
  });
  signals.attach(command);
  const orders = new Orders(supervision, command);
  const timer = setTimeout(() => delivery.link.listen(orders), listenAfterMs);
  const status = await command.ended;
  clearTimeout(timer);
  signals.detach();
  // A command that we ended to replace it did not fail: a status of 143 would say so.
  await reportEnd(delivery, orders.replaced ? undefined : status);
  const next = await orders.next;
  const again = orders.again && signals.endAsked === undefined;
  if (!again && next !== undefined) await reportEnd(next);
  return { status, again, next };
}

async function reportEnd(delivery: Delivery, status?: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, endNoticeMs);
  });
  await Promise.race([delivery.link.end(status), enough]);
  clearTimeout(timer);
}

/** Carries out what the server asks concerning one run of the command. */
class Orders implements LinkListener {
  readonly #supervision: Supervision;
  readonly #command: RunningCommand;
  #stopping = false;
  again = false;
  /** It was our own wish that the command ends. */
  replaced = false;
  next: Promise<Delivery | undefined> = Promise.resolve(undefined);

  constructor(supervision: Supervision, command: RunningCommand) {
    this.#supervision = supervision;
    this.#command = command;
  }

  readonly stop = (): void => {
    this.again = false;
    this.#end();
  };

  readonly restart = (): void => {
    this.again = this.#supervision.restart || this.#supervision.onRotate === 'restart';
    this.#end();
  };

  readonly rotated = (): void => {
    const { onRotate, rotateSignal } = this.#supervision;
    if (this.#stopping || onRotate === 'ignore') return;
    if (onRotate === 'signal') this.#command.signal(rotateSignal);
    else this.next = this.next.then((next) => next ?? this.#replace());
  };

  /** The new values come first: a set that cannot be resolved leaves the running command alone. */
  async #replace(): Promise<Delivery | undefined> {
    try {
      const next = await this.#supervision.start();
      this.again = !this.#stopping;
      this.replaced = this.again;
      this.#end();
      return next;
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown';
      this.#supervision.say(`a secret was rotated, but the command runs on with the old value: ${reason}`);
      return undefined;
    }
  }

  #end(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    void stopCommand(this.#command, this.#supervision.stopGraceMs);
  }
}
