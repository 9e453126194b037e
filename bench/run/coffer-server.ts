import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shippedCommand } from './shipped-command.ts';

const workFolder = fileURLToPath(import.meta.resolve('../../.tmp/'));
const readyAfterMs = 30_000;

export interface CofferServer {
  readonly url: string;
  readonly pid: number;
  readonly ownerToken: string;
  /** Sends JSON and returns the answer's JSON; throws where it is not a success. */
  send(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
}

/** A folder on the disk of this checkout, as a folder for temporary files may be memory. */
export const makeFolder = (name: string): string => {
  mkdirSync(workFolder, { recursive: true });
  return mkdtempSync(join(workFolder, `${name}-`));
};

const request = async (
  url: string,
  init: { method: string; token?: string; body?: unknown },
): Promise<Record<string, unknown>> => {
  const response = await fetch(url, {
    method: init.method,
    headers: {
      'content-type': 'application/json',
      ...(init.token !== undefined && { authorization: `Bearer ${init.token}` }),
    },
    ...(init.body !== undefined && { body: JSON.stringify(init.body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${init.method} ${url} answered ${response.status}: ${text}`);
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
};

const login = async (url: string): Promise<string> => {
  const { challengeId, file } = await request(`${url}/v1/login/local/challenge`, { method: 'POST' });
  const [answer] = readFileSync(String(file), 'utf8').split('\n');
  const { token } = await request(`${url}/v1/login/local`, { method: 'POST', body: { challengeId, answer } });
  return String(token);
};

/** The shipped command in a process of its own; without `dataDir` on a fresh database. */
export const startCoffer = async (
  options: { dataDir?: string; database?: string; nodeArgs?: readonly string[] } = {},
): Promise<CofferServer> => {
  const folder = options.dataDir ?? makeFolder('server');
  const child = spawn(
    process.execPath,
    [
      ...(options.nodeArgs ?? []),
      shippedCommand,
      'server',
      ...['--data-dir', join(folder, 'data')],
      ...['--root-key-file', join(folder, 'root.key')],
      ...['--listen', '127.0.0.1:0'],
      ...(options.database === undefined ? [] : ['--database', options.database]),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, COFFER_LOG_LEVEL: 'error' } },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    let said = '';
    const timer = setTimeout(() => reject(new Error(`The server did not start: ${said}`)), readyAfterMs);
    const listen = (chunk: Buffer): void => {
      said += chunk.toString();
      const found = /Coffer listens on (\S+)/.exec(said)?.[1];
      if (found === undefined) return;
      clearTimeout(timer);
      resolve(found);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('exit', () => reject(new Error(`The server ended: ${said}`)));
  });
  const ownerToken = await login(url);
  return {
    url,
    pid: child.pid ?? 0,
    ownerToken,
    send: (method, path, body) => request(`${url}${path}`, { method, token: ownerToken, body }),
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      if (options.dataDir === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
};
