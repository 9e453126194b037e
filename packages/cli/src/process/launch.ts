import { openOutputChannels } from './output-channel.ts';
import { runBeside } from './run-beside.ts';
import { openTerminalChannels, runInTerminal } from './run-in-terminal.ts';
import type { CommandPlan, Redactor, RunningCommand } from './running-command.ts';
import { type StandardStreams, describeStandardStreams } from './standard-streams.ts';

/** A way to run a command, made ready before its values are there. */
export type Launcher = (plan: CommandPlan, redactor: Redactor) => Promise<RunningCommand>;

/** Chooses by where our own streams lead: a terminal of its own, or a place beside us (docs/run.md). */
export async function prepareMaskedLaunch(): Promise<Launcher> {
  const streams = describeStandardStreams();
  return (await prepareTerminal(streams)) ?? (await prepareBeside(streams));
}

async function prepareTerminal(streams: StandardStreams): Promise<Launcher | undefined> {
  if (!streams.terminalInput || !streams.terminalOutput) return undefined;
  const channels = await openTerminalChannels(streams);
  return channels && ((plan, redactor) => runInTerminal({ plan, redactor, channels }));
}

async function prepareBeside(streams: StandardStreams): Promise<Launcher> {
  const channels = await openOutputChannels(streams);
  return (plan, redactor) => runBeside({ plan, redactor, channels });
}
