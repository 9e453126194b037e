import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/** A pipe whose write end is given to the command. */
export interface OutputPipe<Use> {
  readonly use: Use;
  readonly source: Readable;
  readonly writeEnd: number;
}

/** Folders that can hold a named pipe for the moment between its making and its opening. */
const findFolders = (): string[] =>
  [process.env['XDG_RUNTIME_DIR'], tmpdir(), '/dev/shm'].filter((folder) => folder !== undefined);

/**
 * Makes true pipes, by way of named ones that are gone again at once. Node's own "pipes" are sockets, which
 * cannot be opened by name: `echo x > /dev/stderr` and `tee /dev/stdout` fail on them.
 */
export async function openOutputPipes<Use>(uses: readonly Use[]): Promise<OutputPipe<Use>[]> {
  let reason: unknown;
  for (const folder of findFolders()) {
    try {
      return await openInFolder(folder, uses);
    } catch (error) {
      reason = error;
    }
  }
  throw new Error('no folder for temporary files can hold a named pipe; set TMPDIR', { cause: reason });
}

async function openInFolder<Use>(folder: string, uses: readonly Use[]): Promise<OutputPipe<Use>[]> {
  const own = mkdtempSync(join(folder, 'coffer-'));
  try {
    const places = uses.map((use, at) => ({ use, path: join(own, `pipe-${at}`) }));
    await makeNamedPipes(places.map(({ path }) => path));
    return places.map(({ use, path }) => ({ use, ...openNamedPipe(path) }));
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

/** In one process for all, in the language that needs no files, without our environment: a start waits for it. */
async function makeNamedPipes(paths: readonly string[]): Promise<void> {
  const { PATH } = process.env;
  const env = { ...(PATH === undefined ? {} : { PATH }), LC_ALL: 'C' };
  const maker = spawn('mkfifo', ['-m', '600', ...paths], { stdio: 'ignore', env });
  const [status] = (await once(maker, 'exit')) as [number | null];
  if (status !== 0) throw new Error('mkfifo failed');
}

function openNamedPipe(path: string): Omit<OutputPipe<unknown>, 'use'> {
  // The reader opens first and without waiting; a writer would wait for it.
  const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeEnd = openSync(path, constants.O_WRONLY);
  return { source: new Socket({ fd: readEnd, readable: true, writable: false }), writeEnd };
}
