import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Peer {
  readonly url: string;
  stop(): void;
}

/** A program that serves, in a process of its own; it says its address in its first line. */
export const startPeer = async (program: string, args: readonly string[]): Promise<Peer> => {
  const child = spawn(process.execPath, [fileURLToPath(program), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (line: Buffer) => resolve(line.toString().trim()));
    child.once('exit', () => reject(new Error(`${program} ended`)));
  });
  return { url, stop: () => void child.kill() };
};
