import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { toExitStatus } from './exit-status.ts';
import { type CommandPlan, type RunningCommand, signalProcess } from './running-command.ts';

/** Runs the command on our own standard streams: nothing of its output is ours to mask. */
export async function runAttached(plan: CommandPlan): Promise<RunningCommand> {
  const [name, ...args] = plan.command;
  const child = spawn(plan.file, args, { argv0: name, env: plan.environment, stdio: 'inherit' });
  const ended = new Promise<number>((resolve) => {
    child.on('exit', (code, signal) => resolve(toExitStatus(code, signal)));
  });
  await once(child, 'spawn');
  return { ended, sharesTerminal: true, signal: (signal) => signalProcess(child.pid ?? 0, signal) };
}
