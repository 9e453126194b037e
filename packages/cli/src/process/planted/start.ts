import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A value that no program prints by chance, and the mask that has to stand in its place. */
export const planted = 'sk-live-Zm9vYmFyMDEyMzQ1Njc4OTph';
export const mask = '[masked:PLANTED]';

const program = fileURLToPath(new URL('program.ts', import.meta.url));
/** For shells: the words that run a command with the planted value, as `coffer run -- ` does. */
export const run = `'${process.execPath}' '${program}'`;

export const plantedEnvironment = (): NodeJS.ProcessEnv => ({ ...process.env, PLANTED: planted });

export interface Finished {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Starts a command below the program on pipes, in a session of its own: no terminal is near. */
export const startPlanted = (command: readonly string[]): ChildProcess =>
  spawn(process.execPath, [program, ...command], {
    env: plantedEnvironment(),
    stdio: 'pipe',
    detached: true,
  });

export const runPlanted = (command: readonly string[], input: string | Buffer = ''): Promise<Finished> =>
  finish(startPlanted(command), input);

/** Runs a bash script, in which `$RUN` begins a command line that is run with the planted value. */
export const runScript = (script: string): Promise<Finished> =>
  finish(
    spawn('bash', ['-c', script.replaceAll('$RUN', run)], {
      env: plantedEnvironment(),
      stdio: 'pipe',
      detached: true,
    }),
    '',
  );

function finish(child: ChildProcess, input: string | Buffer): Promise<Finished> {
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk));
  // A command that does not read its input is no failure of the test.
  child.stdin?.on('error', () => undefined).end(input);
  return new Promise((resolve) => {
    child.on('close', (status) =>
      resolve({ status, stdout: Buffer.concat(output), stderr: Buffer.concat(errors).toString() }),
    );
  });
}
