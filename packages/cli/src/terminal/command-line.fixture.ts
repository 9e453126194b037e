import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const bin = join(import.meta.dirname, '..', '..', '..', 'coffer', 'bin', 'coffer.cjs');

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** The real command in processes of its own, with a configuration folder and a working folder of its own. */
export interface CommandLineUser {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly bin: string;
  run(words: readonly string[], options?: RunOptions): Promise<Ended>;
  /** Runs it with `--json` and gives what it printed; throws where it fails. */
  ask<Answer>(words: readonly string[], options?: RunOptions): Promise<Answer>;
  close(): Promise<void>;
}

export async function createCommandLineUser(
  settings: Readonly<Record<string, string>>,
): Promise<CommandLineUser> {
  const folder = await mkdtemp(join(tmpdir(), 'coffer-user-'));
  const environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    // Shared, so that not every process compiles everything anew.
    XDG_CACHE_HOME: join(tmpdir(), 'coffer-test-cache'),
    ...settings,
  };
  const run = (words: readonly string[], options: RunOptions = {}) =>
    new Promise<Ended>((resolve, reject) => {
      const child = spawn(process.execPath, [bin, ...words], {
        cwd: folder,
        env: { ...environment, ...options.environment },
        timeout: 20_000,
      });
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()));
      child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
      child.on('error', reject);
      child.on('close', (status) => resolve({ status, stdout, stderr }));
      child.stdin.on('error', () => undefined);
      child.stdin.end(options.input ?? '');
    });
  return {
    folder,
    environment,
    bin,
    run,
    ask: async <Answer>(words: readonly string[], options?: RunOptions) => {
      const { status, stdout, stderr } = await run([...words, '--json'], options);
      if (status !== 0)
        throw new Error(`coffer ${words.slice(0, 2).join(' ')}: ${String(status)}\n${stderr}`);
      return JSON.parse(stdout) as Answer;
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Such a user, logged in on the server's own host as the first owner, with these agents made. */
export async function createLoggedInUser(
  url: string,
  ...agents: readonly string[]
): Promise<CommandLineUser> {
  const user = await createCommandLineUser({ COFFER_URL: url });
  for (const words of [['login', '--local'], ...agents.map((agent) => ['agent', 'create', agent])]) {
    const { status, stderr } = await user.run(words);
    if (status !== 0) throw new Error(`coffer ${words.join(' ')}: ${stderr}`);
  }
  return user;
}
