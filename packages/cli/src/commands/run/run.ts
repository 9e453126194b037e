import { existsSync } from 'node:fs';
import type { CommandAction, CommandInput, CommandTerminal } from '@coffer/contract';
import { type StartedWorkload, startWorkload } from '@coffer/sdk/runner';
import { readClientOptions } from '../../connection/client-options.ts';
import { type InheritedEnvironment, inheritEnvironment } from '../../process/environment.ts';
import { type Executable, findExecutable } from '../../process/executable.ts';
import { runFailure } from '../../process/exit-status.ts';
import type { Delivery, Supervision } from '../../process/supervise.ts';
import { offlineFolder } from './offline-folder.ts';
import type { OfflinePlace } from './offline-start.ts';
import { sayLine } from './own-words.ts';
import { type RunOptions, type RunTarget, readRunOptions, readTarget } from './read-options.ts';
import { runSupervised } from './supervised.ts';

/** `coffer run`: everything that can fail before a value is delivered comes first. */
export const runCommand: CommandAction = async (given, terminal) => {
  if (given.has('preview')) return (await import('./preview.ts')).preview(given, terminal);
  const options = readRunOptions(given);
  const target = readTarget(given);
  const inherited = inheritEnvironment(process.env, options.environment);
  const executable = findExecutable(options.command[0], inherited.variables['PATH']);
  if (executable.found !== 'yes') return sayNotStartable(options.command[0], executable);
  const starts = prepareStarts({ given, terminal, target, options });
  const plan = { command: options.command, file: executable.file };
  const request: RunRequest = { ...starts, options, plan, inherited };
  if (options.hold === 'replaced') return (await import('./replaced.ts')).runReplaced(request);
  return runSupervised(request);
};

/** All that is needed to start the command, as often as it is to be started. */
export interface RunRequest extends Pick<Supervision, 'start' | 'startAgain'> {
  readonly options: RunOptions;
  readonly plan: { readonly command: RunOptions['command']; readonly file: string };
  readonly inherited: InheritedEnvironment;
}

interface StartWish {
  readonly given: CommandInput;
  readonly terminal: CommandTerminal;
  readonly target: RunTarget;
  readonly options: RunOptions;
}

function prepareStarts({
  given,
  terminal,
  target,
  options,
}: StartWish): Pick<RunRequest, 'start' | 'startAgain'> {
  const client = readClientOptions(given, terminal);
  const output = options.hold === 'masked' ? 'masked' : 'unmasked';
  const start = async (signal?: AbortSignal): Promise<StartedWorkload> => {
    const started = await startWorkload(client, { ...target, only: options.only, output, signal });
    for (const { level, message } of started.advice) sayLine(`${level}: ${message}`);
    return started;
  };
  const { apiKey } = client;
  if (apiKey === undefined) return { start: () => start(), startAgain: start };
  const words = [target.agent, target.environment ?? '', output, ...(options.only ?? [])];
  const place: OfflinePlace = {
    folder: offlineFolder(terminal.environment),
    client,
    kept: { apiKey, server: client.baseUrl ?? '', words },
  };
  const startWithServer = (signal?: AbortSignal) => startAndKeep(place, () => start(signal));
  return { start: () => startOrOffline(place, startWithServer), startAgain: startWithServer };
}

/** A start that keeps what was delivered, where policy `offline_start` lets the runner. */
async function startAndKeep(
  place: OfflinePlace,
  start: () => Promise<StartedWorkload>,
): Promise<StartedWorkload> {
  const started = await start().catch(async (failure: unknown) => {
    if (existsSync(place.folder)) {
      const { forgetWhereRefused } = await import('./offline-start.ts');
      forgetWhereRefused(place, failure, sayLine);
    }
    throw failure;
  });
  if (started.offline !== null || existsSync(place.folder)) {
    const { settleStart } = await import('./offline-start.ts');
    await settleStart(place, started, { now: Date.now(), say: sayLine });
  }
  return started;
}

/** The first start may be done without the server; a command that runs already loses nothing by waiting for it. */
async function startOrOffline(place: OfflinePlace, start: () => Promise<Delivery>): Promise<Delivery> {
  return start().catch(async (failure: unknown) => {
    if (!existsSync(place.folder)) throw failure;
    const { startOffline } = await import('./offline-start.ts');
    return startOffline(place, failure, { now: Date.now(), say: sayLine });
  });
}

function sayNotStartable(name: string, executable: Exclude<Executable, { found: 'yes' }>): number {
  if (executable.found === 'no') {
    sayLine(`${name}: command not found`);
    return runFailure.notFound;
  }
  sayLine(`${name}: cannot be executed`);
  return runFailure.notExecutable;
}
