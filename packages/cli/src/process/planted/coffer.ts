import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Client, createClient } from '@coffer/sdk';
import { startServer } from '@coffer/testkit';
import { planted } from './start.ts';

const program = fileURLToPath(new URL('../../../../coffer/src/main.ts', import.meta.url));

export interface Spoken {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCoffer {
  /** Resolves when the text has come out on stdout. */
  shows(text: string): Promise<void>;
  /** Resolves when the text has come out on stderr. */
  says(text: string): Promise<void>;
  /** Sends a signal to `coffer` alone. */
  signal(name: NodeJS.Signals): void;
  readonly finished: Promise<Spoken>;
  /** From now on nobody reads its stdout. */
  stopReading(): void;
  /** Its exit status, whether or not its output is read. */
  readonly exited: Promise<number | null>;
}

/** A real server with agent `bot`, which has PLANTED in development, and the `coffer` program with a key for it. */
export interface CofferHouse {
  readonly url: string;
  readonly client: Client;
  readonly folder: string;
  start(
    words: readonly string[],
    wish?: { input?: string; environment?: Record<string, string> },
  ): RunningCoffer;
  run(
    words: readonly string[],
    wish?: { input?: string; environment?: Record<string, string> },
  ): Promise<Spoken>;
  close(): Promise<void>;
}

export async function openCofferHouse(): Promise<CofferHouse> {
  const server = await startServer();
  const client = createClient({ baseUrl: server.url, token: server.ownerToken });
  await client.agents.create({ slug: 'bot' });
  await client.secrets.set('bot', 'PLANTED', planted);
  const { key } = await client.keys.create({
    agent: 'bot',
    rights: ['run'],
    environments: ['development', 'staging', 'production'],
  });
  const folder = mkdtempSync(join(tmpdir(), 'coffer-test-'));
  mkdirSync(join(folder, 'below'));

  const start: CofferHouse['start'] = (words, { input = '', environment = {} } = {}) => {
    const child = spawn(process.execPath, [program, ...words], {
      cwd: join(folder, 'below'),
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        COFFER_URL: server.url,
        COFFER_API_KEY: key,
        ...environment,
      },
      stdio: 'pipe',
      detached: true,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    // A command that does not read its input is no failure of the test.
    child.stdin.on('error', () => undefined).end(input);
    const finished = new Promise<Spoken>((resolve) => {
      child.on('close', (status) => resolve({ status, stdout, stderr }));
    });
    const waitFor = async (text: string, printed: () => string): Promise<void> => {
      for (let tries = 0; !printed().includes(text); tries += 1) {
        if (tries > 400) throw new Error(`coffer does not print ${text}: ${stdout} ${stderr}`);
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    };
    const exited = new Promise<number | null>((resolve) => child.on('exit', resolve));
    return {
      shows: (text) => waitFor(text, () => stdout),
      says: (text) => waitFor(text, () => stderr),
      signal: (name) => void child.kill(name),
      finished,
      stopReading: () => void child.stdout.pause(),
      exited,
    };
  };
  const close = async (): Promise<void> => {
    await server.close();
    rmSync(folder, { recursive: true });
  };
  return { url: server.url, client, folder, start, run: (words, wish) => start(words, wish).finished, close };
}
