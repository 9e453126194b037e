import { existsSync } from 'node:fs';
import type { CommandAction, CommandInput, CommandTerminal } from '@coffer/contract';
import type { ClientOptions } from '@coffer/sdk';
import { type StartedWorkload, startWorkload } from '@coffer/sdk/runner';
import { readClientOptions } from '../../connection/client-options.ts';
import { type InheritedEnvironment, inheritEnvironment } from '../../process/environment.ts';
import { type Executable, findExecutable } from '../../process/executable.ts';
import { runFailure } from '../../process/exit-status.ts';
import type { Delivery } from '../../process/supervise.ts';
import type { KeptPlace } from './kept-delivery.ts';
import { offlineFolder } from './offline-folder.ts';
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
  const start = prepareStart({ given, terminal, target, options });
  const plan = { command: options.command, file: executable.file };
  const request: RunRequest = { options, start, plan, inherited };
  if (options.hold === 'replaced') return (await import('./replaced.ts')).runReplaced(request);
  return runSupervised(request);
};

/** All that is needed to start the command, as often as it is to be started. */
export interface RunRequest {
  readonly options: RunOptions;
  readonly start: () => Promise<Delivery>;
  readonly plan: { readonly command: RunOptions['command']; readonly file: string };
  readonly inherited: InheritedEnvironment;
}

interface StartWish {
  readonly given: CommandInput;
  readonly terminal: CommandTerminal;
  readonly target: RunTarget;
  readonly options: RunOptions;
}

function prepareStart({ given, terminal, target, options }: StartWish): () => Promise<Delivery> {
  const client = readClientOptions(given, terminal);
  const output = options.hold === 'masked' ? 'masked' : 'unmasked';
  const start = async (): Promise<StartedWorkload> => {
    const started = await startWorkload(client, { ...target, only: options.only, output });
    for (const { level, message } of started.advice) sayLine(`${level}: ${message}`);
    return started;
  };
  const { apiKey } = client;
  if (apiKey === undefined) return start;
  const words = [
    client.baseUrl ?? '',
    target.agent,
    target.environment ?? '',
    output,
    ...(options.only ?? []),
  ];
  return () => startOrOffline(start, { client, terminal, kept: { apiKey, words } });
}

/** A start that may be done without the server, where policy `offline_start` lets the runner keep a delivery. */
async function startOrOffline(
  start: () => Promise<StartedWorkload>,
  wish: { client: ClientOptions; terminal: CommandTerminal; kept: KeptPlace },
): Promise<Delivery> {
  const folder = offlineFolder(wish.terminal.environment);
  const place = { folder, client: wish.client, kept: wish.kept };
  const started = await start().catch(async (failure: unknown) => {
    const { startOffline } = await import('./offline-start.ts');
    return startOffline(place, failure, { now: Date.now(), say: sayLine });
  });
  if ('offline' in started && (started.offline !== null || existsSync(folder))) {
    const { settleStart } = await import('./offline-start.ts');
    await settleStart(place, started, Date.now());
  }
  return started;
}

function sayNotStartable(name: string, executable: Exclude<Executable, { found: 'yes' }>): number {
  if (executable.found === 'no') {
    sayLine(`${name}: command not found`);
    return runFailure.notFound;
  }
  sayLine(`${name}: cannot be executed`);
  return runFailure.notExecutable;
}
