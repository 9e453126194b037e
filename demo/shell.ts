import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../packages/coffer/bin/coffer.cjs', import.meta.url));

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the real `coffer` as a user would, each call a process of its own. */
export interface Shell {
  run(words: readonly string[], input?: string): Promise<Ran>;
  /** Starts one that stays; its output goes to `onLine`. */
  start(words: readonly string[], onLine: (line: string) => void): ChildProcess;
}

export const createShell = (environment: Readonly<Record<string, string>>): Shell => {
  const spawnCoffer = (words: readonly string[], env: Readonly<Record<string, string>>) =>
    spawn(process.execPath, [bin, ...words], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  return {
    async run(words, input) {
      const child = spawnCoffer(words, environment);
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      child.stdin.end(input ?? '');
      const [status] = (await once(child, 'close')) as [number | null];
      return { status: status ?? 1, stdout, stderr };
    },
    start(words, onLine) {
      const child = spawnCoffer(words, environment);
      let rest = '';
      const onData = (chunk: Buffer): void => {
        const lines = (rest + chunk.toString()).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) onLine(line);
      };
      child.stdout.on('data', onData);
      child.stderr.on('data', onData);
      child.stdin.end();
      return child;
    },
  };
};
