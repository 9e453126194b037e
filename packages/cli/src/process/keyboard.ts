import { spawnSync } from 'node:child_process';
import { DescriptorWriter } from './descriptor-writer.ts';
import { findTerminalStanding } from './foreground.ts';

const foregroundCheckMs = 250;
const highWaterBytes = 64 * 1024;

/**
 * Our terminal's keyboard, handed key by key to a pseudo-terminal: while taken, our terminal is raw, and
 * Ctrl-C is a byte like any other. Node restores its settings at every exit of the process.
 */
export class Keyboard {
  readonly #writer: DescriptorWriter;
  #taken = false;
  #watch: NodeJS.Timeout | undefined;
  /** Called when the terminal has hung up. */
  onHangup: () => void = () => undefined;

  readonly #pass = (keys: Uint8Array): void => {
    this.#writer.write(keys);
    if (this.#writer.backlogBytes <= highWaterBytes) return;
    process.stdin.pause();
    void this.#writer.drained().then(() => {
      if (this.#taken) process.stdin.resume();
    });
  };
  readonly #hangUp = (): void => this.onHangup();

  constructor(inputDescriptor: number) {
    this.#writer = new DescriptorWriter(inputDescriptor);
    process.stdin.on('data', this.#pass).on('error', this.#hangUp).on('end', this.#hangUp).pause();
  }

  /** Takes the keyboard; started in the background (`&`, `bg`), as soon as a person brings us to the front. */
  take(): void {
    clearInterval(this.#watch);
    if (findTerminalStanding() !== 'background') {
      this.#takeNow();
      return;
    }
    this.#taken = false;
    process.stdin.pause();
    this.#watch = setInterval(() => {
      if (findTerminalStanding() !== 'background') this.take();
    }, foregroundCheckMs);
    this.#watch.unref();
  }

  /** What is typed from now on is for whoever has the terminal after us. */
  stopListening(): void {
    process.stdin.off('data', this.#pass).pause();
  }

  giveBack(): void {
    clearInterval(this.#watch);
    if (!this.#taken) return;
    this.#taken = false;
    process.stdin.pause();
    // From the background, the terminal's settings are no longer ours to change: it would stop us.
    if (findTerminalStanding() !== 'background') process.stdin.setRawMode(false);
  }

  /** Gives the keyboard back for good. */
  close(): void {
    this.giveBack();
    this.stopListening();
    process.stdin.off('error', this.#hangUp).off('end', this.#hangUp);
  }

  #takeNow(): void {
    this.#taken = true;
    // Whoever stopped us may have changed the settings behind Node's back: off first, or nothing happens.
    if (process.stdin.isRaw) process.stdin.setRawMode(false);
    process.stdin.setRawMode(true);
    // Node's raw mode still turns LF into CR LF on the way out; the pseudo-terminal has done that.
    spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] });
    process.stdin.resume();
  }
}

/** Our terminal's settings in `stty -g` form; undefined where there is no stty. */
export function readTerminalSettings(): string | undefined {
  const { stdout, status } = spawnSync('stty', ['-g'], {
    stdio: ['inherit', 'pipe', 'ignore'],
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : undefined;
}
