import { spawnSync } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { openOutputPipes } from './output-pipe.ts';
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
export async function openOutputChannels(streams: StandardStreams): Promise<OutputChannel[]> {
  const { terminalOutput, terminalErrors, oneOutput } = streams;
  const sharesOne = terminalOutput === terminalErrors && (terminalOutput || oneOutput);
  const wanted: Served[] = sharesOne ? [[1, 2]] : [[1], [2]];
  const onTerminal = new Map<Served, OutputChannel>();
  for (const serves of wanted) {
    const leadsToTerminal = serves[0] === 1 ? terminalOutput : terminalErrors;
    const channel = leadsToTerminal ? await openOnTerminal(serves) : undefined;
    if (channel !== undefined) onTerminal.set(serves, channel);
  }
  const onPipes = await openOnPipes(wanted.filter((serves) => !onTerminal.has(serves)));
  return [...onTerminal.values(), ...onPipes];
}

/** A pipe for stderr alone. */
export async function openErrorPipe(): Promise<OutputChannel> {
  const [channel] = await openOnPipes([[2]]);
  if (channel === undefined) throw new Error('no pipe was made');
  return channel;
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

async function openOnPipes(wanted: readonly Served[]): Promise<OutputChannel[]> {
  if (wanted.length === 0) return [];
  const pipes = await openOutputPipes(wanted);
  return pipes.map(({ use, source, writeEnd }) => ({
    serves: use,
    source,
    writeEnd,
    terminal: undefined,
    release: () => closeSync(writeEnd),
  }));
}
