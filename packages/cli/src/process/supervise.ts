import { runFailure } from './exit-status.ts';
import { endingSignals, SignalForwarder } from './forwarded-signals.ts';
import { leaveAtOnce } from './leave-at-once.ts';
import type { OutputEnd } from './masked-output.ts';
import { Replacement } from './replacement.ts';
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
  readonly closed: (reason: { readonly code: string }) => void;
}

/** One started workload: its values, and the line to the server. */
export interface Delivery {
  readonly variables: readonly Variable[];
  readonly link: {
    listen(listener: LinkListener): void;
    end(exitStatus?: number): Promise<boolean>;
    /** Lets go, also of an end that is still being told. */
    close(): void;
  };
}

export type OnRotate = 'ignore' | 'restart' | 'signal';

export interface Supervision {
  /** Starts the first workload, where it may be without the server. */
  readonly start: () => Promise<Delivery>;
  /** Starts a workload in place of a running one, with what the server says now. */
  readonly startAgain: (givenUp: AbortSignal) => Promise<Delivery>;
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
const lastWordsMs = 200;

/** Runs the command, again where it is to be started again, and gives its exit status. */
export async function supervise(supervision: Supervision): Promise<number> {
  let delivery = await supervision.start();
  const signals = new SignalForwarder();
  let isStuck = false;
  try {
    for (;;) {
      const turn = await runOnce(supervision, delivery, signals);
      isStuck ||= turn.isStuck;
      if (turn.next === undefined) return isStuck ? leaveAtOnce(turn.status) : turn.status;
      delivery = turn.next;
      supervision.say('started again');
    }
  } finally {
    signals.stop();
  }
}

interface Turn {
  readonly status: number;
  /** The workload to go on with, where the command was ended to make room for it. */
  readonly next: Delivery | undefined;
  /** Not all of its output could be written, and its reader does not read. */
  readonly isStuck: boolean;
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
  const orders = new Orders(supervision, command, signals);
  const timer = setTimeout(() => delivery.link.listen(orders), listenAfterMs);
  const status = await command.ended;
  clearTimeout(timer);
  // What the command started may take longer to end than the command.
  await orders.stopped;
  signals.detach();
  // A command that we ended to replace it did not fail: a status of 143 would say so.
  const report = reportEnd(delivery, orders.replaced ? undefined : status);
  const readerMs = orders.isEnding ? supervision.stopGraceMs : undefined;
  const [{ failure, isStuck }] = await Promise.all([finishOutput(command, readerMs), report]);
  if (failure !== undefined)
    supervision.say(`a part of the output could not be written: ${failure.code ?? ''}`);
  const isLost = status === 0 && failure !== undefined;
  return { status: isLost ? runFailure.failed : status, next: await orders.finish(), isStuck };
}

/** A signal to end, or the end of `readerMs`, ends the wait for a reader that does not read. */
async function finishOutput(command: RunningCommand, readerMs: number | undefined): Promise<OutputEnd> {
  const timers: NodeJS.Timeout[] = [];
  const abandonAfter = (ms: number): void => {
    timers.push(setTimeout(() => command.abandonOutput(), ms));
  };
  // It may have been sent to the command as well, whose last words a reader that reads still gets.
  const onSignal = (): void => abandonAfter(lastWordsMs);
  for (const name of endingSignals) process.on(name, onSignal);
  if (readerMs !== undefined) abandonAfter(readerMs);
  try {
    return await command.finishOutput();
  } finally {
    for (const timer of timers) clearTimeout(timer);
    for (const name of endingSignals) process.off(name, onSignal);
  }
}

async function reportEnd(delivery: Delivery, status?: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, endNoticeMs);
  });
  await Promise.race([delivery.link.end(status), enough]);
  clearTimeout(timer);
  // What is still on its way would keep the program alive.
  delivery.link.close();
}

/** Carries out what the server asks concerning one run of the command. */
class Orders implements LinkListener {
  readonly #supervision: Supervision;
  readonly #command: RunningCommand;
  readonly #signals: SignalForwarder;
  /** Aborts when nothing is to be started any more, and when what is being started is given up. */
  readonly #noMore = new AbortController();
  readonly #givenUp = new AbortController();
  isEnding = false;
  #replacement: Replacement | undefined;
  #replacing: Promise<void> | undefined;
  #next: Delivery | undefined;
  /** The command was ended on our own account, not the server's. */
  replaced = false;
  /** Resolves when nothing of it runs any more, where it was to be ended. */
  stopped: Promise<void> = Promise.resolve();

  constructor(supervision: Supervision, command: RunningCommand, signals: SignalForwarder) {
    this.#supervision = supervision;
    this.#command = command;
    this.#signals = signals;
  }

  readonly stop = (): void => {
    this.#noMore.abort();
    this.#end();
  };

  readonly restart = (): void => {
    const { restart, onRotate } = this.#supervision;
    if (!restart && onRotate !== 'restart') this.stop();
    else this.#replace('a restart was asked for, but the command runs on');
  };

  readonly rotated = (): void => {
    const { onRotate, rotateSignal } = this.#supervision;
    if (this.isEnding || onRotate === 'ignore') return;
    if (onRotate === 'signal') this.#command.signal(rotateSignal);
    else this.#replace('a secret was rotated, but the command runs on with the old value', true);
  };

  readonly closed = ({ code }: { readonly code: string }): void => {
    this.#supervision.say(
      `the server no longer knows this workload (${code}): the command runs on, and no stop, restart or rotation reaches it`,
    );
  };

  /** The command has ended: gives the workload to go on with, if there is one and nobody wants the end. */
  async finish(): Promise<Delivery | undefined> {
    const isStopped = this.#noMore.signal.aborted;
    this.#noMore.abort();
    const timer = setTimeout(() => this.#givenUp.abort(), endNoticeMs);
    await this.#replacing;
    clearTimeout(timer);
    if (this.#next === undefined) return undefined;
    if (!isStopped && !this.#signals.endAsked) return this.#next;
    await reportEnd(this.#next);
    return undefined;
  }

  #replace(why: string, ownAccount = false): void {
    if (this.#replacement !== undefined) {
      this.#replacement.hurry();
      return;
    }
    const { startAgain, say } = this.#supervision;
    this.#replacement = new Replacement({ start: startAgain, why, say });
    this.#replacing = this.#endFor(this.#replacement, ownAccount);
  }

  /** The new workload comes first: a set that cannot be resolved leaves the running command alone. */
  async #endFor(replacement: Replacement, ownAccount: boolean): Promise<void> {
    const noMore = this.#noMore.signal;
    const next = await replacement.start({ noMore, givenUp: this.#givenUp.signal });
    if (next === undefined) return;
    // A command that is on its way to the end somebody asked for is not to be started again.
    await this.#signals.outlived(this.#supervision.stopGraceMs, noMore);
    if (noMore.aborted) {
      await reportEnd(next);
      return;
    }
    this.#next = next;
    this.replaced = ownAccount;
    this.#signals.expectEnd();
    this.#end();
  }

  #end(): void {
    if (this.isEnding) return;
    this.isEnding = true;
    this.stopped = stopCommand(this.#command, this.#supervision.stopGraceMs);
  }
}
