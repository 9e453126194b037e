import type { Job } from './job.ts';
import type { MaskStream, OutputEnd } from './masked-output.ts';

/** The values to mask; each stream of output gets a pass of its own, asked for when there is output. */
export interface Redactor {
  openStream(): Promise<MaskStream>;
}

/** What is to be run. `file` is where the command was found; it is called by its own first word. */
export interface CommandPlan {
  readonly command: readonly [string, ...string[]];
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
}

export interface RunningCommand {
  /** Its exit status as a shell gives it, once it has ended. */
  readonly ended: Promise<number>;
  /** To be called once, when it has ended: lets out what is left of its output, and lets go of streams and terminal. */
  finishOutput(): Promise<OutputEnd>;
  /** Ends the wait of `finishOutput` for a reader that does not read. */
  abandonOutput(): void;
  /** It shares our process group: what a terminal sends reaches it without us. */
  readonly sharesTerminal: boolean;
  /** The command's own process, and no other. */
  signal(name: NodeJS.Signals): void;
  /** The command with what it started: what is to be ended. */
  readonly job: Job;
}
