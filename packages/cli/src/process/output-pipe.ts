import { execFile } from 'node:child_process';
import { constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';

/** A pipe whose write end is given to the command. */
export interface OutputPipe {
  readonly source: Readable;
  readonly writeEnd: number;
}

const run = promisify(execFile);

/** Folders that can hold a named pipe for the moment between its making and its opening. */
const findFolders = (): string[] =>
  [process.env['XDG_RUNTIME_DIR'], tmpdir(), '/dev/shm'].filter((folder) => folder !== undefined);

/**
 * Makes a true pipe, by way of a named one that is gone again at once. Node's own "pipes" are sockets, which
 * cannot be opened by name: `echo x > /dev/stderr` and `tee /dev/stdout` fail on them.
 */
export async function openOutputPipe(): Promise<OutputPipe> {
  let reason: unknown;
  for (const folder of findFolders()) {
    try {
      return await openInFolder(folder);
    } catch (error) {
      reason = error;
    }
  }
  throw new Error('no folder for temporary files can hold a named pipe; set TMPDIR', { cause: reason });
}

async function openInFolder(folder: string): Promise<OutputPipe> {
  const own = mkdtempSync(join(folder, 'coffer-'));
  try {
    const path = join(own, 'pipe');
    await run('mkfifo', ['-m', '600', path]);
    // The reader opens first and without waiting; a writer would wait for it.
    const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writeEnd = openSync(path, constants.O_WRONLY);
    return { source: new Socket({ fd: readEnd, readable: true, writable: false }), writeEnd };
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}
