import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';

export interface Outcome {
  readonly ok: boolean;
  /** Standard output and standard error, as they came. */
  readonly output: string;
}

/** Runs a program of node_modules/.bin or of the machine, without a terminal and without input. */
export function runCommand(root: string, [program = '', ...args]: readonly string[]): Promise<Outcome> {
  const path = [join(root, 'node_modules', '.bin'), process.env['PATH']].join(delimiter);
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const child = spawn(program, args, {
    cwd: root,
    env: { ...process.env, PATH: path, NO_COLOR: '1', FORCE_COLOR: undefined },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.on('error', (error) => {
    resolve({ ok: false, output: error.message });
  });
  child.on('close', (code) => {
    resolve({ ok: code === 0, output: Buffer.concat(chunks).toString() });
  });
  return promise;
}
