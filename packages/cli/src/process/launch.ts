import { closeKeys } from './keyboard.ts';
import { type OutputChannel, openOutputChannels } from './output-channel.ts';
import { runBeside } from './run-beside.ts';
import type { CommandPlan, Redactor, RunningCommand } from './running-command.ts';
import { type StandardStreams, describeStandardStreams } from './standard-streams.ts';

/** A way to run one command, made ready before its values are there. */
export interface PreparedLaunch {
  launch(plan: CommandPlan, redactor: Redactor): Promise<RunningCommand>;
  /** Instead of `launch`: lets go of what was made ready. */
  discard(): void;
}

/** Chooses by where our own streams lead: a terminal of its own, or a place beside us (docs/run.md). */
export async function prepareMaskedLaunch(): Promise<PreparedLaunch> {
  const streams = describeStandardStreams();
  return (await prepareTerminal(streams)) ?? (await prepareBeside(streams));
}

async function prepareTerminal(streams: StandardStreams): Promise<PreparedLaunch | undefined> {
  if (!streams.terminalOutput) return undefined;
  // Loaded only here: the job monitor needs readline, which a start on pipes would wait 5 ms for.
  const { openTerminalChannels, runInTerminal } = await import('./run-in-terminal.ts');
  const channels = await openTerminalChannels(streams);
  if (channels === undefined) return undefined;
  const { output, errors, keys } = channels;
  return {
    launch: (plan, redactor) => runInTerminal({ plan, redactor, channels }),
    discard: () => {
      discardChannels(errors === undefined ? [output] : [output, errors]);
      closeKeys(keys);
    },
  };
}

async function prepareBeside(streams: StandardStreams): Promise<PreparedLaunch> {
  const channels = await openOutputChannels(streams);
  return {
    launch: (plan, redactor) => runBeside({ plan, redactor, channels }),
    discard: () => discardChannels(channels),
  };
}

function discardChannels(channels: readonly OutputChannel[]): void {
  for (const channel of channels) {
    channel.release();
    channel.source.destroy();
  }
}
