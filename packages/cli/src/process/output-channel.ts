import { spawnSync } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { openOutputPipe } from './output-pipe.ts';
import { type PseudoTerminal, openPseudoTerminal } from './pseudo-terminal.ts';
import type { StandardStreams } from './standard-streams.ts';
import { findTerminalSize } from './terminal-size.ts';

/** One way of a command's output, from what it writes to, to one of our descriptors. */
export interface OutputChannel {
  /** The command's descriptors that it serves; what comes out goes to ours of the first number. */
  readonly serves: readonly [1 | 2, ...(1 | 2)[]];
  readonly source: Readable;
  readonly writeEnd: number;
  readonly terminal: PseudoTerminal | undefined;
  /** To be called when the command runs: our copy of the write end would keep the channel from ending. */
  release(): void;
}

type Served = OutputChannel['serves'];

/**
 * The channels of a command that stays in our process group: a terminal where ours is one, else a pipe. Where
 * stdout and stderr lead to the same place they share a channel, so that their order is kept.
 */
export function openOutputChannels(streams: StandardStreams): Promise<OutputChannel[]> {
  const { terminalOutput, terminalErrors, oneOutput } = streams;
  if (terminalOutput === terminalErrors && (terminalOutput || oneOutput)) {
    return Promise.all([openChannel([1, 2], terminalOutput)]);
  }
  return Promise.all([openChannel([1], terminalOutput), openChannel([2], terminalErrors)]);
}

/** A pipe for one of the two alone. */
export const openErrorPipe = (): Promise<OutputChannel> => openOnPipe([2]);

async function openChannel(serves: Served, onTerminal: boolean): Promise<OutputChannel> {
  return (onTerminal ? await openOnTerminal(serves) : undefined) ?? openOnPipe(serves);
}

async function openOnTerminal(serves: Served): Promise<OutputChannel | undefined> {
  const terminal = await openPseudoTerminal(findTerminalSize());
  if (terminal === undefined) return undefined;
  const device = terminal.openDevice();
  terminal.releaseDevice();
  // Our own terminal does what is to be done to line ends; this one passes bytes on as they are.
  spawnSync('stty', ['raw', '-echo'], { stdio: [device, 'ignore', 'ignore'] });
  return { serves, source: terminal.output, writeEnd: device, terminal, release: () => closeSync(device) };
}

async function openOnPipe(serves: Served): Promise<OutputChannel> {
  const { source, writeEnd } = await openOutputPipe();
  return { serves, source, writeEnd, terminal: undefined, release: () => closeSync(writeEnd) };
}
