import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Peer {
  readonly url: string;
  stop(): void;
}

/** A server of this folder in a process of its own; it says its address in its first line. */
export const startPeer = async (script: string, args: readonly string[]): Promise<Peer> => {
  const program = fileURLToPath(import.meta.resolve(`./${script}`));
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (line: Buffer) => resolve(line.toString().trim()));
    child.once('exit', () => reject(new Error(`${script} ended`)));
  });
  return { url, stop: () => void child.kill() };
};
