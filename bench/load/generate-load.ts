import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../run/coffer-server.ts';
import { runAutocannon } from './autocannon.ts';
import { writeLua } from './wrk-script.ts';

/** One request, sent over and over. In path and body `{n}` is a running number and `{slot}` that number modulo `slots`. */
export interface Load {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly slots?: number;
  readonly clients: number;
  readonly seconds: number;
}

export interface Measured {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const hasWrk = spawnSync('wrk', ['--version']).error === undefined;
export const generatorName = hasWrk ? 'wrk' : 'autocannon';
if (!hasWrk) process.stderr.write('wrk missing: apt-get install wrk (autocannon is used instead)\n');

const folder = makeFolder('load');
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const runWrk = (load: Load): unknown => {
  const script = join(folder, 'load.lua');
  writeFileSync(script, writeLua(load));
  const { stdout, stderr, status } = spawnSync(
    'wrk',
    ['-t1', `-c${load.clients}`, `-d${load.seconds}s`, '--timeout', '10s', '-s', script, load.url],
    { encoding: 'utf8' },
  );
  const line = /^MEASURED (.*)$/m.exec(stdout)?.[1];
  if (status !== 0 || line === undefined) throw new Error(`wrk failed: ${stdout}${stderr}`);
  return JSON.parse(line);
};

/** Sends the load from a process of its own. Throws where any answer is not a success. */
export const generateLoad = (load: Load): Measured => {
  const { failed, ...measured } = (hasWrk ? runWrk(load) : runAutocannon(load)) as Measured & {
    failed: number;
  };
  if (failed > 0) throw new Error(`${failed} requests to ${load.path} failed`);
  return measured;
};
