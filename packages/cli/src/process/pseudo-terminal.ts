import { closeSync, constants, openSync } from 'node:fs';
import type { ReadStream } from 'node:tty';
import type { TerminalSize } from './terminal-size.ts';

/** What `open` of node-pty gives; exported by it, though not in its types. */
interface OpenedTerminal {
  readonly fd: number;
  readonly ptsName: string;
  readonly master: ReadStream;
  readonly slave: ReadStream;
  resize(columns: number, rows: number): void;
}
interface TerminalOpener {
  open(options: { cols: number; rows: number; encoding: null }): OpenedTerminal;
}

const canOpen = (module: object): module is TerminalOpener =>
  'open' in module && typeof module.open === 'function';

/** A terminal of our own: what is written to its device comes out of `output`, masked before it goes on. */
export interface PseudoTerminal {
  readonly device: string;
  readonly output: ReadStream;
  /** Takes what is typed; writes to it never wait, they fail with EAGAIN. */
  readonly inputDescriptor: number;
  resize(size: TerminalSize): void;
  /** Opens the device once more, with flags of its own, for a command's standard streams. */
  openDevice(): number;
  /** Lets go of the device; from now on the last command to leave it ends `output`. */
  releaseDevice(): void;
}

/** Undefined where the platform has no prebuilt binary of node-pty. */
export async function openPseudoTerminal(size: TerminalSize): Promise<PseudoTerminal | undefined> {
  const opener: object | undefined = await import('@lydell/node-pty').then(
    (module: { default: object }) => module.default,
    () => undefined,
  );
  if (opener === undefined || !canOpen(opener)) return undefined;
  const opened = opener.open({ cols: size.columns, rows: size.rows, encoding: null });
  // It reads both ends from the start; what is typed belongs to the command.
  opened.slave.pause();
  opened.master.pause();
  const keeper = openSync(opened.ptsName, constants.O_RDWR | constants.O_NOCTTY);
  opened.slave.destroy();
  return {
    device: opened.ptsName,
    output: opened.master,
    inputDescriptor: opened.fd,
    resize: ({ columns, rows }) => opened.resize(columns, rows),
    openDevice: () => openSync(opened.ptsName, constants.O_RDWR | constants.O_NOCTTY),
    releaseDevice: () => closeSync(keeper),
  };
}
