import { write } from 'node:fs';

const retryMs = 4;

/**
 * Writes to one of our own descriptors in order, off the event loop: a reader that stalls never keeps
 * signals and heartbeats from being handled. Leaves the descriptor's flags alone, as others may share it.
 */
export class DescriptorWriter {
  readonly #descriptor: number;
  readonly #waiting: Uint8Array[] = [];
  readonly #whenIdle: (() => void)[] = [];
  #backlogBytes = 0;
  #writing = false;
  #failure: NodeJS.ErrnoException | undefined;
  /** Called once, when the other side is gone or the write failed for good. */
  onFailure: (error: NodeJS.ErrnoException) => void = () => undefined;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  get backlogBytes(): number {
    return this.#backlogBytes;
  }

  /** What ended the writing, if it has failed. */
  get failure(): NodeJS.ErrnoException | undefined {
    return this.#failure;
  }

  write(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.#failure !== undefined) return;
    this.#waiting.push(bytes);
    this.#backlogBytes += bytes.length;
    if (!this.#writing) this.#writeNext();
  }

  /** Resolves when everything is written, or nothing more can be. */
  drained(): Promise<void> {
    if (!this.#writing) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  #writeNext(): void {
    const bytes = this.#waiting[0];
    this.#writing = bytes !== undefined;
    if (bytes === undefined) {
      for (const resolve of this.#whenIdle.splice(0)) resolve();
      return;
    }
    write(this.#descriptor, bytes, 0, bytes.length, null, (error, written) => {
      if (error === null) this.#advance(bytes, written);
      else if (error.code === 'EAGAIN') setTimeout(() => this.#writeNext(), retryMs);
      else if (error.code === 'EINTR') this.#writeNext();
      else this.#fail(error);
    });
  }

  #advance(bytes: Uint8Array, written: number): void {
    this.#backlogBytes -= written;
    if (written === bytes.length) this.#waiting.shift();
    else this.#waiting[0] = bytes.subarray(written);
    this.#writeNext();
  }

  #fail(error: NodeJS.ErrnoException): void {
    this.#failure = error;
    this.#waiting.length = 0;
    this.#backlogBytes = 0;
    this.#writeNext();
    this.onFailure(error);
  }
}
