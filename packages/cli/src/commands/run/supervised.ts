import type { CommandPlan, RunningCommand } from '../../process/running-command.ts';
import { runFailure } from '../../process/exit-status.ts';
import type { Delivery } from '../../process/supervise.ts';
import { supervise } from '../../process/supervise.ts';
import { describeLeftOut, joinEnvironment } from './child-environment.ts';
import { sayLine } from './own-words.ts';
import type { RunRequest } from './run.ts';

/** Runs the command under our eyes, until it has ended for good; gives its exit status. */
export async function runSupervised({ options, start, plan, inherited }: RunRequest): Promise<number> {
  const launchers = options.hold === 'masked' ? maskedLaunchers() : attachedLaunchers();
  let told = false;
  const launch = async (delivery: Delivery): Promise<RunningCommand> => {
    const { variables } = delivery;
    const leftOut = describeLeftOut(inherited, options.environment.mode, variables);
    if (leftOut !== undefined && !told) sayLine(leftOut);
    told = true;
    return launchers({ ...plan, environment: joinEnvironment(inherited, variables) }, delivery);
  };
  try {
    return await supervise({ ...options, start, launch, say: sayLine });
  } catch (error) {
    const status = findSpawnStatus(error);
    if (status === undefined) throw error;
    sayLine(`${plan.command[0]}: ${status.reason}`);
    return status.status;
  }
}

type Launch = (plan: CommandPlan, delivery: Delivery) => Promise<RunningCommand>;

/** Pipes or a terminal, and the engine, are made ready while the server answers. */
function maskedLaunchers(): Launch {
  const prepare = async () => (await import('../../process/launch.ts')).prepareMaskedLaunch();
  const engine = import('@coffer/redact');
  let prepared: ReturnType<typeof prepare> | undefined = prepare();
  prepared.catch(() => undefined);
  return async (plan, { variables }) => {
    const launcher = await (prepared ?? prepare());
    prepared = undefined;
    const { compileRedactor } = await engine;
    return launcher(plan, compileRedactor(variables.filter(({ masked }) => masked)));
  };
}

function attachedLaunchers(): Launch {
  return async (plan) => (await import('../../process/run-attached.ts')).runAttached(plan);
}

/** The system refused to start the command although it was found. */
function findSpawnStatus(error: unknown): { status: number; reason: string } | undefined {
  if (!(error instanceof Error) || !('syscall' in error) || !String(error.syscall).startsWith('spawn'))
    return undefined;
  const code = 'code' in error ? String(error.code) : 'unknown';
  if (code === 'ENOENT')
    return { status: runFailure.notFound, reason: 'command or its interpreter not found' };
  return { status: runFailure.notExecutable, reason: `cannot be executed (${code})` };
}
