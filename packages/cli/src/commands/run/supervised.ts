import type { Redactor as CompiledRedactor } from '@coffer/redact';
import { runFailure } from '../../process/exit-status.ts';
import { type PreparedLaunch, prepareMaskedLaunch } from '../../process/launch.ts';
import type { MaskStream } from '../../process/masked-output.ts';
import type { CommandPlan, Redactor, RunningCommand } from '../../process/running-command.ts';
import { type Delivery, type Variable, supervise } from '../../process/supervise.ts';
import { describeLeftOut, joinEnvironment } from './child-environment.ts';
import { sayLine } from './own-words.ts';
import type { RunRequest } from './run.ts';

/** Until then a command that ends at once has ended, and any other is busy with its own start. */
const outputExpectedAfterMs = 10;

/** Runs the command under our eyes, until it has ended for good; gives its exit status. */
export async function runSupervised(request: RunRequest): Promise<number> {
  const { options, start, startAgain, plan, inherited } = request;
  const launcher = options.hold === 'masked' ? new MaskedLauncher() : attachedLauncher;
  let told = false;
  const launch = async (delivery: Delivery): Promise<RunningCommand> => {
    const { variables } = delivery;
    const leftOut = describeLeftOut(inherited, options.environment.mode, variables);
    if (leftOut !== undefined && !told) sayLine(leftOut);
    told = true;
    return launcher.launch({ ...plan, environment: joinEnvironment(inherited, variables) }, delivery);
  };
  const startAndPrepare = (): Promise<Delivery> => {
    const delivery = start();
    launcher.prepare();
    return delivery;
  };
  try {
    return await supervise({ ...options, start: startAndPrepare, startAgain, launch, say: sayLine });
  } catch (error) {
    const status = findSpawnStatus(error);
    if (status === undefined) throw error;
    sayLine(`${plan.command[0]}: ${status.reason}`);
    return status.status;
  } finally {
    await launcher.discard();
  }
}

interface Launcher {
  /** Called when the start was asked for and the server is at work. */
  prepare(): void;
  launch(plan: CommandPlan, delivery: Delivery): Promise<RunningCommand>;
  /** Lets go of what was made ready for a launch that did not come. */
  discard(): Promise<void>;
}

/** Pipes or a terminal are made ready while the server answers, for the first launch. */
class MaskedLauncher implements Launcher {
  #prepared: Promise<PreparedLaunch> | undefined;
  #launched = false;

  prepare(): void {
    if (this.#launched || this.#prepared !== undefined) return;
    this.#prepared = nextTurn().then(prepareMaskedLaunch);
    // A failure to prepare is told when the launch comes; the start may fail first.
    this.#prepared.catch(() => undefined);
  }

  async launch(plan: CommandPlan, { variables }: Delivery): Promise<RunningCommand> {
    const prepared = await (this.#prepared ?? prepareMaskedLaunch());
    this.#prepared = undefined;
    this.#launched = true;
    const engine = new LateRedactor(variables);
    const command = await prepared.launch(plan, engine);
    engine.expectOutput(command);
    return command;
  }

  async discard(): Promise<void> {
    const prepared = await this.#prepared?.catch(() => undefined);
    prepared?.discard();
  }
}

/**
 * The engine is loaded and compiled when the first output comes, or soon after the start: the command does not
 * wait for it, and one that ends at once without a word never needs it.
 */
class LateRedactor implements Redactor {
  readonly #variables: readonly Variable[];
  #compiled: Promise<CompiledRedactor> | undefined;

  constructor(variables: readonly Variable[]) {
    this.#variables = variables;
  }

  async openStream(): Promise<MaskStream> {
    return (await this.#compile()).stream();
  }

  expectOutput({ ended }: RunningCommand): void {
    // That it does not compile is told when output comes.
    const timer = setTimeout(() => void this.#compile().catch(() => undefined), outputExpectedAfterMs);
    const forget = (): void => clearTimeout(timer);
    ended.then(forget, forget);
  }

  #compile(): Promise<CompiledRedactor> {
    this.#compiled ??= import('@coffer/redact').then(({ compileRedactor }) =>
      compileRedactor(this.#variables.filter(({ masked }) => masked)),
    );
    return this.#compiled;
  }
}

/** The request goes out when the event loop turns, and a process that is being made holds it up. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const attachedLauncher: Launcher = {
  prepare: () => undefined,
  launch: async (plan) => (await import('../../process/run-attached.ts')).runAttached(plan),
  discard: () => Promise.resolve(),
};

/** The system refused to start the command although it was found. */
function findSpawnStatus(error: unknown): { status: number; reason: string } | undefined {
  if (!(error instanceof Error) || !('syscall' in error) || !String(error.syscall).startsWith('spawn'))
    return undefined;
  const code = 'code' in error ? String(error.code) : 'unknown';
  if (code === 'ENOENT')
    return { status: runFailure.notFound, reason: 'command or its interpreter not found' };
  return { status: runFailure.notExecutable, reason: `cannot be executed (${code})` };
}
