import { isatty } from 'node:tty';
import { Job } from './job.ts';
import { type JobMonitor, startJobMonitor } from './job-monitor.ts';
import { Keyboard, type Keys, closeKeys, openKeys, readTerminalSettings } from './keyboard.ts';
import { type OutputEnd, finishOutputs } from './masked-output.ts';
import { type OutputChannel, openErrorPipe } from './output-channel.ts';
import { openPseudoTerminal } from './pseudo-terminal.ts';
import { carryMasked } from './run-beside.ts';
import type { CommandPlan, Redactor, RunningCommand } from './running-command.ts';
import { signalProcess } from './signal-process.ts';
import type { StandardStreams } from './standard-streams.ts';
import { findTerminalSize } from './terminal-size.ts';

/** A pseudo-terminal, and a pipe for stderr where that leads elsewhere. */
export interface TerminalChannels {
  readonly keys: Keys;
  /** Ours, where the command's stdin is not the terminal. */
  readonly inputDescriptor: 0 | undefined;
  readonly output: OutputChannel & { readonly terminal: NonNullable<OutputChannel['terminal']> };
  readonly errors: OutputChannel | undefined;
}

/** Undefined where the platform has no pseudo-terminals for us. */
export async function openTerminalChannels(streams: StandardStreams): Promise<TerminalChannels | undefined> {
  const keys = openKeys(streams.terminalInput);
  if (keys === undefined) return undefined;
  const terminal = await openPseudoTerminal(findTerminalSize());
  if (terminal === undefined) {
    closeKeys(keys);
    return undefined;
  }
  const errors = streams.terminalErrors ? undefined : await openErrorPipe();
  const release = (): void => terminal.releaseDevice();
  const inputDescriptor = streams.terminalInput ? undefined : 0;
  return {
    keys,
    inputDescriptor,
    output: { serves: [1], source: terminal.output, writeEnd: -1, terminal, release },
    errors,
  };
}

export interface TerminalRun {
  readonly plan: CommandPlan;
  readonly redactor: Redactor;
  readonly channels: TerminalChannels;
}

/**
 * Runs the command in a terminal and session of its own, made like ours, and stands between the two: keys go
 * in untouched, output comes out masked, size and Ctrl-Z follow.
 */
export async function runInTerminal({ plan, redactor, channels }: TerminalRun): Promise<RunningCommand> {
  const { terminal } = channels.output;
  const keyboard = new Keyboard(channels.keys, terminal.inputDescriptor);
  const settings = readTerminalSettings(channels.keys);
  const carried = [channels.output, ...(channels.errors === undefined ? [] : [channels.errors])];
  const outputs = carried.map((channel) => carryMasked(channel, redactor));
  keyboard.take();
  let monitor: JobMonitor;
  try {
    monitor = await startJobMonitor({
      device: terminal.device,
      command: plan.command,
      environment: plan.environment,
      settings,
      inputDescriptor: channels.inputDescriptor,
      errorDescriptor: channels.errors?.writeEnd,
    });
  } catch (error) {
    keyboard.close();
    for (const { source } of carried) source.destroy();
    throw error;
  } finally {
    for (const channel of carried) channel.release();
  }
  const resize = (): void => terminal.resize(findTerminalSize());
  // Its stop is ours: asked to stop, we ask the command, and follow when it has.
  const askToStop = (): void => signalProcess(monitor.pid, 'SIGTSTP');
  monitor.onStop = async () => {
    await Promise.all(outputs.map((output) => output.settle()));
    keyboard.giveBack();
    process.off('SIGTSTP', askToStop);
    // We stop here, with our whole group as after Ctrl-Z, until `fg` or `bg`; at once where nobody could resume us.
    process.kill(0, 'SIGTSTP');
    process.on('SIGTSTP', askToStop);
    resize();
    keyboard.take();
  };
  const retake = (): void => keyboard.take();
  const job = new Job(monitor.pid, { leadsGroup: true });
  const hungUp = (): boolean => !isatty(channels.keys.descriptor);
  // When a window is closed, all that runs in front in it hears of that, as from the system itself.
  const signal = (name: NodeJS.Signals): void =>
    name === 'SIGHUP' && hungUp() ? hangUp() : signalProcess(monitor.pid, name);
  let toldOfHangup = false;
  const hangUp = (): void => {
    if (!toldOfHangup) job.signal('SIGHUP', 'SIGCONT');
    toldOfHangup = true;
  };
  keyboard.onHangup = () => {
    hangUp();
    terminal.output.destroy();
  };
  process.on('SIGWINCH', resize);
  process.on('SIGTSTP', askToStop);
  process.on('SIGCONT', retake);

  const finishOutput = async (): Promise<OutputEnd> => {
    process.off('SIGWINCH', resize);
    process.off('SIGTSTP', askToStop);
    process.off('SIGCONT', retake);
    keyboard.stopListening();
    monitor.leave();
    const end = await finishOutputs(outputs);
    if (hungUp()) hangUp();
    keyboard.close();
    return end;
  };
  return {
    ended: monitor.ended,
    finishOutput,
    abandonOutput: () => {
      for (const output of outputs) output.abandon();
    },
    sharesTerminal: false,
    signal,
    job,
  };
}
