import { findTerminalStanding } from './foreground.ts';
import { pause } from './pause.ts';
import type { RunningCommand } from './running-command.ts';

/** Signals that are the command's, not ours. */
export const forwardedSignals = [
  'SIGINT',
  'SIGTERM',
  'SIGHUP',
  'SIGQUIT',
  'SIGUSR1',
  'SIGUSR2',
  'SIGWINCH',
  'SIGCONT',
] as const satisfies readonly NodeJS.Signals[];

/** A terminal sends these to the whole group in front, so to a command in our group as well. */
const sentByTerminal: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGQUIT', 'SIGWINCH']);
/** In a terminal of its own, the command's size and its going on are that terminal's business. */
const keptFromTerminal: ReadonlySet<NodeJS.Signals> = new Set(['SIGWINCH', 'SIGCONT']);
/** Signals by which somebody asks for the end. */
export const endingSignals: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']);

/** Passes our signals on to the command of the moment. */
export class SignalForwarder {
  #command: RunningCommand | undefined;
  #early: NodeJS.Signals[] = [];
  /** When somebody asked for the end, on the clock of `performance`. */
  #endAskedAt: number | undefined;
  #isEnding = false;
  readonly #forward = (name: NodeJS.Signals): void => this.#pass(name);

  constructor() {
    for (const name of forwardedSignals) process.on(name, this.#forward);
  }

  /** Somebody asked for the end: nothing is to be started again. */
  get endAsked(): boolean {
    return this.#endAskedAt !== undefined;
  }

  /** Resolves once the command has gone on for so long after it was last asked to end, or the signal aborts. */
  async outlived(graceMs: number, signal: AbortSignal): Promise<void> {
    while (this.#endAskedAt !== undefined && !signal.aborted) {
      const leftMs = this.#endAskedAt + graceMs - performance.now();
      if (leftMs > 0) await pause(leftMs, signal);
      else this.#endAskedAt = undefined;
    }
  }

  /** We end the command ourselves: who asks for the end from now on means what would come after it. */
  expectEnd(): void {
    this.#isEnding = true;
  }

  /** From now on signals are this command's; those that came before it was there too. */
  attach(command: RunningCommand): void {
    this.#command = command;
    this.#isEnding = false;
    for (const name of this.#early.splice(0)) this.#pass(name);
  }

  detach(): void {
    this.#command = undefined;
  }

  stop(): void {
    for (const name of forwardedSignals) process.off(name, this.#forward);
  }

  #pass(name: NodeJS.Signals): void {
    if (endingSignals.has(name) && !this.#isForCommandAlone(name)) this.#endAskedAt = performance.now();
    if (this.#command === undefined) this.#early.push(name);
    else if (!hasItAlready(name, this.#command)) this.#command.signal(name);
  }

  /** To a command that runs, SIGHUP may say to read its settings again. */
  #isForCommandAlone(name: NodeJS.Signals): boolean {
    return name === 'SIGHUP' && this.#command !== undefined && !this.#isEnding;
  }
}

function hasItAlready(name: NodeJS.Signals, { sharesTerminal }: RunningCommand): boolean {
  if (!sharesTerminal) return keptFromTerminal.has(name);
  return sentByTerminal.has(name) && findTerminalStanding() === 'foreground';
}
