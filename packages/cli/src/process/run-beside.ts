import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { DescriptorWriter } from './descriptor-writer.ts';
import { toExitStatus } from './exit-status.ts';
import { Job } from './job.ts';
import { MaskedOutput, finishOutputs } from './masked-output.ts';
import type { OutputChannel } from './output-channel.ts';
import { recogniseWriters } from './output-writers.ts';
import type { CommandPlan, Redactor, RunningCommand } from './running-command.ts';
import { signalProcess } from './signal-process.ts';
import { findTerminalSize } from './terminal-size.ts';

/** What a person may have to wait for before a held back part of the output is shown. */
export const releaseAfterMs = 25;

export interface MaskedRun {
  readonly plan: CommandPlan;
  readonly redactor: Redactor;
  readonly channels: readonly OutputChannel[];
}

/**
 * Runs the command in our own process group with our own stdin, its output masked on the way. The terminal
 * above us, if any, is its controlling terminal too: Ctrl-C and Ctrl-Z reach it without us.
 */
export async function runBeside({ plan, redactor, channels }: MaskedRun): Promise<RunningCommand> {
  const outputs = channels.map((channel) => carryMasked(channel, redactor));
  const isWriter = recogniseWriters(channels);
  let child: ChildProcess;
  try {
    child = await startOn(channels, plan);
  } catch (error) {
    for (const { source } of channels) source.destroy();
    throw error;
  } finally {
    for (const channel of channels) channel.release();
  }
  const exited = new Promise<number>((resolve) => {
    child.on('exit', (code, signal) => resolve(toExitStatus(code, signal)));
  });
  const pid = child.pid ?? 0;
  const signal = (name: NodeJS.Signals): void => signalProcess(pid, name);
  const stopResizing = followSize(channels, signal);
  return {
    ended: exited,
    finishOutput: () => {
      stopResizing();
      return finishOutputs(outputs);
    },
    abandonOutput: () => {
      for (const output of outputs) output.abandon();
    },
    sharesTerminal: true,
    signal,
    job: new Job(pid, { leadsGroup: false, isWriter }),
  };
}

async function startOn(channels: readonly OutputChannel[], plan: CommandPlan): Promise<ChildProcess> {
  const [name, ...args] = plan.command;
  const writeEndOf = (descriptor: 1 | 2): number | 'ignore' =>
    channels.find(({ serves }) => serves.includes(descriptor))?.writeEnd ?? 'ignore';
  // Some failures (E2BIG, ETXTBSY) it throws, others it tells of later.
  const child = spawn(plan.file, args, {
    argv0: name,
    env: plan.environment,
    stdio: ['inherit', writeEndOf(1), writeEndOf(2)],
  });
  await once(child, 'spawn');
  return child;
}

/** Starts to carry a channel's output through a pass of the mask. */
export function carryMasked(channel: OutputChannel, redactor: Redactor): MaskedOutput {
  return new MaskedOutput(
    channel.source,
    { openMask: () => redactor.openStream(), writer: new DescriptorWriter(channel.serves[0]) },
    channel.terminal === undefined ? {} : { releaseAfterMs },
  );
}

/** The command may have looked at the size before it was told to its terminal: it is told again. */
function followSize(channels: readonly OutputChannel[], signal: (name: NodeJS.Signals) => void): () => void {
  const terminals = channels.flatMap(({ terminal }) => terminal ?? []);
  if (terminals.length === 0) return () => undefined;
  const resize = (): void => {
    for (const terminal of terminals) terminal.resize(findTerminalSize());
    signal('SIGWINCH');
  };
  process.on('SIGWINCH', resize);
  return () => process.off('SIGWINCH', resize);
}
