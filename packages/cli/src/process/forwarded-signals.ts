import { findTerminalStanding } from './foreground.ts';
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
const ending: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']);

/** Passes our signals on to the command of the moment. */
export class SignalForwarder {
  #command: RunningCommand | undefined;
  #early: NodeJS.Signals[] = [];
  /** Somebody asked for the end: the command is not to be started again. */
  #endAsked: NodeJS.Signals | undefined;
  readonly #forward = (name: NodeJS.Signals): void => this.#pass(name);

  constructor() {
    for (const name of forwardedSignals) process.on(name, this.#forward);
  }

  get endAsked(): boolean {
    return this.#endAsked !== undefined;
  }

  /** From now on signals are this command's; those that came before it was there too. */
  attach(command: RunningCommand): void {
    this.#command = command;
    for (const name of this.#early.splice(0)) this.#pass(name);
  }

  detach(): void {
    this.#command = undefined;
  }

  stop(): void {
    for (const name of forwardedSignals) process.off(name, this.#forward);
  }

  #pass(name: NodeJS.Signals): void {
    if (ending.has(name)) this.#endAsked = name;
    if (this.#command === undefined) this.#early.push(name);
    else if (!hasItAlready(name, this.#command)) this.#command.signal(name);
  }
}

function hasItAlready(name: NodeJS.Signals, { sharesTerminal }: RunningCommand): boolean {
  if (!sharesTerminal) return keptFromTerminal.has(name);
  return sentByTerminal.has(name) && findTerminalStanding() === 'foreground';
}
