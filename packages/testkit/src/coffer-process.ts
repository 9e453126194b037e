import { spawn } from 'node:child_process';
import { join } from 'node:path';

const program = join(import.meta.dirname, '../../coffer/bin/coffer.cjs');
const readyAfterMs = 30_000;

/** Nothing of the developer's own settings reaches the program. */
const environmentOf = (given: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('COFFER_'))),
  NO_COLOR: '1',
  ...given,
});

const flagsOf = (settings: Readonly<Record<string, string>>): string[] =>
  Object.entries(settings).flatMap(([name, value]) => (value === '' ? [`--${name}`] : [`--${name}`, value]));

export interface Ran {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly pid: number;
  readonly ended: Promise<Ran>;
  /** All it has said on stderr so far. */
  stderr(): string;
  kill(signal: NodeJS.Signals): void;
  /** Settles once stderr matches; rejects where the process ends before. */
  said(pattern: RegExp): Promise<RegExpMatchArray>;
}

export interface RunOptions {
  /** Further flags, by name; an empty value makes a switch. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** Starts the real `coffer` in a process of its own. */
export const startCoffer = (words: readonly string[], options: RunOptions = {}): Running => {
  const child = spawn(process.execPath, [program, ...words, ...flagsOf(options.settings ?? {})], {
    env: environmentOf(options.environment),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  let waiting: (() => void)[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    for (const look of waiting) look();
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const ended = new Promise<Ran>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
  return {
    pid: child.pid ?? 0,
    ended,
    stderr: () => stderr,
    kill: (signal) => void child.kill(signal),
    said: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(stderr);
          if (match === null) return;
          waiting = waiting.filter((one) => one !== look);
          resolve(match);
        };
        waiting.push(look);
        const fail = (): void => reject(new Error(`coffer ${words.join(' ')} ended early: ${stderr}`));
        ended.then(fail, reject);
        setTimeout(() => reject(new Error(`coffer did not say ${pattern}: ${stderr}`)), readyAfterMs).unref();
        look();
      }),
  };
};

/** Runs the real `coffer` to its end. */
export const runCoffer = (words: readonly string[], options: RunOptions = {}): Promise<Ran> =>
  startCoffer(words, options).ended;

export interface ServerProcess extends Running {
  readonly url: string;
}

/** The settings of a server in this folder, by flag name; a database of its own unless one is given. */
export const settingsIn = (folder: string, database?: string): Record<string, string> => ({
  'data-dir': join(folder, 'data'),
  'root-key-file': join(folder, 'root.key'),
  ...(database !== undefined && { database }),
});

/** Starts `coffer server` in a process of its own and waits until it listens. */
export const spawnServer = async (
  settings: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> => {
  const running = startCoffer(['server'], { settings: { listen: '127.0.0.1:0', ...settings }, environment });
  try {
    const [, url = ''] = await running.said(/Coffer listens on (\S+)/);
    return { ...running, url };
  } catch (error) {
    running.kill('SIGKILL');
    throw error;
  }
};
