import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(import.meta.resolve('./constant-answer.ts'));

/** The constant answer of so many bytes, in a process of its own. */
export const startConstantAnswer = async (bytes: number): Promise<{ url: string; stop(): void }> => {
  const child = spawn(process.execPath, [script, String(bytes)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (line: Buffer) => resolve(line.toString().trim()));
    child.once('exit', () => reject(new Error('The constant answer ended')));
  });
  return { url, stop: () => void child.kill() };
};
