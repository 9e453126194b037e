import type { Readable } from 'node:stream';
import type { DescriptorWriter } from './descriptor-writer.ts';

/** One pass of the redaction engine over one stream of bytes. */
export interface MaskStream {
  write(chunk: Uint8Array): Uint8Array;
  flush(): Uint8Array;
  /** What may go out now although it could be a value's start: only a part too short to harm. */
  release(): Uint8Array;
}

/** How the carrying of a command's output ended. */
export interface OutputEnd {
  /** What kept some of it from being written, if not that nobody reads it any more. */
  readonly failure: NodeJS.ErrnoException | undefined;
  /** A write is under way that its reader holds up. */
  readonly isStuck: boolean;
}

export interface MaskedOutputOptions {
  /** Somebody watches: what the mask holds back is given out after this silence. */
  readonly releaseAfterMs?: number;
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const nothing = new Uint8Array(0);
const highWaterBytes = 256 * 1024;
/** After the command's end: how long its silence, and its descendants' talk, is waited for. */
const quietMs = 50;
const settleMs = 15;
const lingerMs = 1000;
/** As much as a pipe can hold: what comes after it was written after the command's end. */
const pipeBytes = 1024 * 1024;

/** Carries a command's output through the mask to one of our descriptors, with back pressure. */
export class MaskedOutput {
  readonly #source: Readable;
  readonly #openMask: () => Promise<MaskStream>;
  #mask: MaskStream | undefined;
  #opening: Promise<void> = Promise.resolve();
  readonly #writer: DescriptorWriter;
  /** Resolves when nothing more can come. */
  readonly ended: Promise<void>;
  readonly #releaseAfterMs: number | undefined;
  #releaseTimer: NodeJS.Timeout | undefined;
  #carriedBytes = 0;
  #open = true;
  #giveUp: () => void = () => undefined;
  readonly #givenUp = new Promise<void>((resolve) => {
    this.#giveUp = resolve;
  });
  /** The source has said that nothing more comes. */
  #complete = false;

  constructor(
    source: Readable,
    through: { openMask: () => Promise<MaskStream>; writer: DescriptorWriter },
    options: MaskedOutputOptions = {},
  ) {
    this.#source = source;
    this.#openMask = through.openMask;
    this.#writer = through.writer;
    this.#releaseAfterMs = options.releaseAfterMs;
    this.ended = new Promise((resolve) => {
      source.on('error', (error: NodeJS.ErrnoException) => {
        // EIO is how a pseudo-terminal says that its last user is gone.
        this.#complete ||= error.code === 'EIO';
        resolve();
      });
      source.on('close', () => resolve());
      source.on('end', () => {
        this.#complete = true;
        resolve();
      });
    });
    source.on('data', (chunk: Uint8Array) => this.#carry(chunk));
    source.resume();
    // The command then meets a closed pipe at its next write, as it would without us.
    this.#writer.onFailure = () => source.destroy();
  }

  /** After the command's end: carries what is still coming, waits for what is already on its way out. */
  async finish(): Promise<OutputEnd> {
    const last = this.#carriedBytes + pipeBytes;
    for (let spentMs = 0; this.#open && spentMs < lingerMs;) {
      const seen = this.#carriedBytes;
      const stalled = this.#source.isPaused();
      if (await this.#endsWithin(quietMs)) break;
      const isHeldUp = stalled || this.#source.isPaused();
      // A reader that is slow gets all that the command itself has printed.
      if (isHeldUp && this.#carriedBytes < last) continue;
      spentMs += quietMs;
      if (isHeldUp) continue;
      if (this.#carriedBytes === seen) break;
    }
    this.#open = false;
    const complete = this.#complete;
    clearTimeout(this.#releaseTimer);
    await this.#opening;
    if (complete) this.#writer.write(this.#mask?.flush() ?? nothing);
    // Cut off here, what is held may be a value that lacks its end: it is dropped.
    else this.#release();
    await Promise.race([this.#writer.drained(), this.#givenUp]);
    this.#source.destroy();
    const { failure } = this.#writer;
    return {
      failure: failure?.code === 'EPIPE' ? undefined : failure,
      isStuck: this.#writer.backlogBytes > 0,
    };
  }

  /** What the reader has not taken by now is lost to it: `finish` no longer waits. */
  abandon(): void {
    this.#open = false;
    this.#giveUp();
  }

  /** The command was stopped: lets out what it wrote before that. */
  async settle(): Promise<void> {
    for (let seen = -1; seen !== this.#carriedBytes;) {
      seen = this.#carriedBytes;
      if (await this.#endsWithin(settleMs)) break;
      await this.#opening;
    }
    this.#release();
    await this.#writer.drained();
  }

  async #endsWithin(ms: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), ms);
    });
    const ended = await Promise.race([this.ended.then(() => true), silence]);
    clearTimeout(timer);
    // A busy loop runs timers first: let it read what has arrived before this counts as silence.
    if (!ended) await nextTurn();
    return ended;
  }

  #carry(chunk: Uint8Array): void {
    if (!this.#open) return;
    this.#carriedBytes += chunk.length;
    if (this.#mask !== undefined) {
      this.#carryThrough(this.#mask, chunk);
      return;
    }
    this.#opening = this.#carryFirst(chunk);
    // Told by `finish`.
    this.#opening.catch(() => undefined);
  }

  /** What comes after it waits in the source. A mask that does not open ends the output. */
  async #carryFirst(chunk: Uint8Array): Promise<void> {
    this.#source.pause();
    try {
      this.#mask = await this.#openMask();
      this.#carryThrough(this.#mask, chunk);
      this.#source.resume();
    } catch (error) {
      this.#source.destroy();
      throw error;
    }
  }

  #carryThrough(mask: MaskStream, chunk: Uint8Array): void {
    this.#writer.write(mask.write(chunk));
    this.#armRelease();
    if (this.#writer.backlogBytes <= highWaterBytes) return;
    this.#source.pause();
    void this.#writer.drained().then(() => this.#source.resume());
  }

  #armRelease(): void {
    if (this.#releaseAfterMs === undefined) return;
    if (this.#releaseTimer !== undefined) {
      this.#releaseTimer.refresh();
      return;
    }
    this.#releaseTimer = setTimeout(() => this.#release(), this.#releaseAfterMs);
    this.#releaseTimer.unref();
  }

  #release(): void {
    this.#writer.write(this.#mask?.release() ?? nothing);
  }
}

/** After the command's end: finishes all of its outputs. */
export async function finishOutputs(outputs: readonly MaskedOutput[]): Promise<OutputEnd> {
  const ends = await Promise.all(outputs.map((output) => output.finish()));
  return {
    failure: ends.find(({ failure }) => failure !== undefined)?.failure,
    isStuck: ends.some(({ isStuck }) => isStuck),
  };
}
