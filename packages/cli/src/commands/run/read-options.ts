import type { CommandInput } from '@coffer/contract';
import type { EnvironmentChoice } from '../../process/environment.ts';
import { type RotateSignal, rotateSignals } from '../../process/rotate-signals.ts';
import type { OnRotate } from '../../process/supervise.ts';
import { usageError } from '../../terminal/usage.ts';
import { readProjectFile } from './project-file.ts';

export interface RunTarget {
  readonly agent: string;
  readonly environment: string | undefined;
}

/** The agent and environment asked for; what is left out stands in `coffer.json`. */
export function readTarget(given: CommandInput): RunTarget {
  const agent = given.text('agent');
  const environment = given.text('environment');
  if (agent !== undefined && environment !== undefined) return { agent, environment };
  const project = readProjectFile(process.cwd());
  const chosen = agent ?? project.agent;
  if (chosen === undefined) {
    throw usageError(
      '--agent is missing.',
      'Give it, or put {"agent": "..."} into coffer.json of the project folder.',
    );
  }
  return { agent: chosen, environment: environment ?? project.environment };
}

/** How the command's output reaches us: `replaced` means that Coffer becomes the command. */
export type Hold = 'masked' | 'unmasked' | 'replaced';

export interface RunOptions {
  readonly command: readonly [string, ...string[]];
  readonly environment: EnvironmentChoice;
  readonly only: readonly string[] | undefined;
  readonly hold: Hold;
  readonly onRotate: OnRotate;
  readonly rotateSignal: RotateSignal;
  readonly restart: boolean;
  readonly stopGraceMs: number;
}

export function readRunOptions(given: CommandInput): RunOptions {
  const options: RunOptions = {
    command: readCommand(given),
    environment: readEnvironmentChoice(given),
    only: readOnly(given),
    hold: given.has('exec') ? 'replaced' : given.has('no-mask') ? 'unmasked' : 'masked',
    onRotate: readOnRotate(given.text('on-rotate')),
    rotateSignal: rotateSignals.find((name) => name === given.text('rotate-signal')) ?? 'SIGHUP',
    restart: given.has('restart'),
    stopGraceMs: readGraceMs(given.text('stop-grace')),
  };
  if (given.has('rotate-signal') && options.onRotate !== 'signal') {
    throw usageError('--rotate-signal goes with --on-rotate signal only.');
  }
  if (options.hold === 'replaced' && (options.restart || options.onRotate !== 'ignore')) {
    throw usageError(
      '--exec leaves nobody to restart or signal the command: --on-rotate and --restart do not go with it.',
    );
  }
  return options;
}

export function readOnly(given: CommandInput): readonly string[] | undefined {
  const names = given.texts('only');
  return names.length === 0 ? undefined : names;
}

function readCommand({ passedOn: [name, ...rest] }: CommandInput): RunOptions['command'] {
  if (name !== undefined) return [name, ...rest];
  throw usageError(
    'The command to start is missing.',
    'Write it after `--`: coffer run --agent A -- node agent.js',
  );
}

function readEnvironmentChoice(given: CommandInput): EnvironmentChoice {
  const [inherited, clean] = [given.has('inherit-env'), given.has('clean-env')];
  if (inherited && clean) throw usageError('--inherit-env and --clean-env exclude each other.');
  return { mode: inherited ? 'inherited' : clean ? 'clean' : 'guarded', passed: given.texts('pass-env') };
}

function readOnRotate(text: string | undefined): OnRotate {
  return text === 'restart' || text === 'signal' ? text : 'ignore';
}

function readGraceMs(text: string | undefined): number {
  if (text === undefined) return 10_000;
  const seconds = /^\d{1,5}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(seconds)) throw usageError('--stop-grace is a number of seconds.');
  return seconds * 1000;
}
