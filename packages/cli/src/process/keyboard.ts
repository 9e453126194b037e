import { spawnSync } from 'node:child_process';
import { constants, openSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { DescriptorWriter } from './descriptor-writer.ts';
import { findTerminalStanding } from './foreground.ts';

const foregroundCheckMs = 250;
const highWaterBytes = 64 * 1024;

/** Where a person types. */
export interface Keys {
  readonly stream: ReadStream;
  readonly descriptor: number;
}

/** stdin where it is a terminal, else the controlling terminal, as pagers do; undefined where there is none. */
export function openKeys(terminalInput: boolean): Keys | undefined {
  if (terminalInput) return { stream: process.stdin, descriptor: 0 };
  try {
    const descriptor = openSync('/dev/tty', constants.O_RDWR | constants.O_NOCTTY);
    return { stream: new ReadStream(descriptor).pause(), descriptor };
  } catch {
    return undefined;
  }
}

export function closeKeys({ stream, descriptor }: Keys): void {
  if (descriptor !== 0) stream.destroy();
}

/**
 * Our terminal's keyboard, handed key by key to a pseudo-terminal: while taken, our terminal is raw, and
 * Ctrl-C is a byte like any other. Node restores its settings at every exit of the process.
 */
export class Keyboard {
  readonly #keys: Keys;
  readonly #writer: DescriptorWriter;
  #taken = false;
  #watch: NodeJS.Timeout | undefined;
  /** Called when the terminal has hung up. */
  onHangup: () => void = () => undefined;

  readonly #pass = (typed: Uint8Array): void => {
    this.#writer.write(typed);
    if (this.#writer.backlogBytes <= highWaterBytes) return;
    this.#keys.stream.pause();
    void this.#writer.drained().then(() => {
      if (this.#taken) this.#keys.stream.resume();
    });
  };
  readonly #hangUp = (): void => this.onHangup();

  /** `inputDescriptor`: where the keys go. */
  constructor(keys: Keys, inputDescriptor: number) {
    this.#keys = keys;
    this.#writer = new DescriptorWriter(inputDescriptor);
    keys.stream.on('data', this.#pass).on('error', this.#hangUp).on('end', this.#hangUp).pause();
  }

  /** Takes the keyboard; started in the background (`&`, `bg`), as soon as a person brings us to the front. */
  take(): void {
    clearInterval(this.#watch);
    if (findTerminalStanding() !== 'background') {
      this.#takeNow();
      return;
    }
    this.#taken = false;
    this.#keys.stream.pause();
    this.#watch = setInterval(() => {
      if (findTerminalStanding() !== 'background') this.take();
    }, foregroundCheckMs);
    this.#watch.unref();
  }

  /** What is typed from now on is for whoever has the terminal after us. */
  stopListening(): void {
    this.#keys.stream.off('data', this.#pass).pause();
  }

  giveBack(): void {
    clearInterval(this.#watch);
    if (!this.#taken) return;
    this.#taken = false;
    this.#keys.stream.pause();
    // From the background, the terminal's settings are no longer ours to change: it would stop us.
    if (findTerminalStanding() !== 'background') this.#keys.stream.setRawMode(false);
  }

  /** Gives the keyboard back for good. */
  close(): void {
    this.giveBack();
    this.stopListening();
    this.#keys.stream.off('error', this.#hangUp).off('end', this.#hangUp);
    closeKeys(this.#keys);
  }

  #takeNow(): void {
    this.#taken = true;
    // Whoever stopped us may have changed the settings behind Node's back: off first, or nothing happens.
    if (this.#keys.stream.isRaw) this.#keys.stream.setRawMode(false);
    this.#keys.stream.setRawMode(true);
    // Node's raw mode still turns LF into CR LF on the way out; the pseudo-terminal has done that.
    spawnSync('stty', ['-opost'], { stdio: [this.#keys.descriptor, 'ignore', 'ignore'] });
    this.#keys.stream.resume();
  }
}

/** Our terminal's settings in `stty -g` form; undefined where there is no stty. */
export function readTerminalSettings({ descriptor }: Keys): string | undefined {
  const { stdout, status } = spawnSync('stty', ['-g'], {
    stdio: [descriptor, 'pipe', 'ignore'],
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : undefined;
}
