import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { toExitStatus } from './exit-status.ts';
import { Job } from './job.ts';
import type { CommandPlan, RunningCommand } from './running-command.ts';
import { signalProcess } from './signal-process.ts';

/** Runs the command on our own standard streams: nothing of its output is ours to mask. */
export async function runAttached(plan: CommandPlan): Promise<RunningCommand> {
  const [name, ...args] = plan.command;
  const child = spawn(plan.file, args, { argv0: name, env: plan.environment, stdio: 'inherit' });
  const ended = new Promise<number>((resolve) => {
    child.on('exit', (code, signal) => resolve(toExitStatus(code, signal)));
  });
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  return {
    ended,
    finishOutput: () => Promise.resolve({ failure: undefined, isStuck: false }),
    abandonOutput: () => undefined,
    sharesTerminal: true,
    signal: (signal) => signalProcess(pid, signal),
    job: new Job(pid, { leadsGroup: false }),
  };
}
