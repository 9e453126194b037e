import type { CommandPlan, RunningCommand } from '../../process/running-command.ts';
import { runFailure } from '../../process/exit-status.ts';
import type { PreparedLaunch } from '../../process/launch.ts';
import { type Delivery, supervise } from '../../process/supervise.ts';
import { describeLeftOut, joinEnvironment } from './child-environment.ts';
import { sayLine } from './own-words.ts';
import type { RunRequest } from './run.ts';

/** Runs the command under our eyes, until it has ended for good; gives its exit status. */
export async function runSupervised({ options, start, plan, inherited }: RunRequest): Promise<number> {
  const launcher = options.hold === 'masked' ? new MaskedLauncher() : attachedLauncher;
  let told = false;
  const launch = async (delivery: Delivery): Promise<RunningCommand> => {
    const { variables } = delivery;
    const leftOut = describeLeftOut(inherited, options.environment.mode, variables);
    if (leftOut !== undefined && !told) sayLine(leftOut);
    told = true;
    return launcher.launch({ ...plan, environment: joinEnvironment(inherited, variables) }, delivery);
  };
  try {
    return await supervise({ ...options, start, launch, say: sayLine });
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
  launch(plan: CommandPlan, delivery: Delivery): Promise<RunningCommand>;
  /** Lets go of what was made ready for a launch that did not come. */
  discard(): Promise<void>;
}

/** Pipes or a terminal, and the engine, are made ready while the server answers. */
class MaskedLauncher implements Launcher {
  readonly #engine = import('@coffer/redact');
  #prepared: Promise<PreparedLaunch> | undefined = prepareLaunch();

  constructor() {
    // A failure to prepare is told when the launch comes; the start may fail first.
    for (const early of [this.#prepared, this.#engine]) early?.catch(() => undefined);
  }

  async launch(plan: CommandPlan, { variables }: Delivery): Promise<RunningCommand> {
    const prepared = await (this.#prepared ?? prepareLaunch());
    this.#prepared = undefined;
    const { compileRedactor } = await this.#engine;
    return prepared.launch(plan, compileRedactor(variables.filter(({ masked }) => masked)));
  }

  async discard(): Promise<void> {
    const prepared = await this.#prepared?.catch(() => undefined);
    prepared?.discard();
  }
}

const prepareLaunch = async (): Promise<PreparedLaunch> =>
  (await import('../../process/launch.ts')).prepareMaskedLaunch();

const attachedLauncher: Launcher = {
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
