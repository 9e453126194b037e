import { findPlanted, plantValues } from './planted-forms.ts';
import { settingsIn } from '@coffer/testkit';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

/*
 * what the real server and the real command ask the kernel for while they work. Every connect and
 * every datagram with an address is written down by strace; each must go to the server's own address.
 */

const program = join(import.meta.dirname, '../packages/coffer/bin/coffer.cjs');
const folder = mkdtempSync(join(tmpdir(), 'coffer-connections-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Whether a process can be watched here; says in one line that it cannot. */
const canTrace = (): boolean => {
  try {
    execFileSync('strace', ['-D', '-f', '-o', '/dev/null', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    process.stderr.write('strace does not work here: that no connection goes out is not tested.\n');
    return false;
  }
};

const environment = {
  PATH: process.env['PATH'] ?? '',
  HOME: folder,
  XDG_CONFIG_HOME: join(folder, '.config'),
  XDG_DATA_HOME: join(folder, '.local'),
};

/** Runs something under strace; `addresses` are those of the network that it named to the kernel. */
const trace = (name: string, words: readonly string[], given: Readonly<Record<string, string>> = {}) => {
  const log = join(folder, `${name}.trace`);
  const calls = 'trace=connect,sendto,sendmsg,sendmmsg';
  const child = spawn('strace', ['-D', '-f', '-qq', '-e', calls, '-e', 'signal=none', '-o', log, ...words], {
    env: { ...environment, ...given },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  return {
    child,
    said: () => said,
    // The watcher shares the output, so that it is closed when the trace is written too.
    ended: once(child, 'close'),
    addresses: (): readonly string[] =>
      [...readFileSync(log, 'utf8').matchAll(/sin6?_port=htons\((\d+)\).*?"([0-9a-f.:]+)"/g)].map(
        ([, port, host]) => `${host}:${port}`,
      ),
  };
};

const coffer = (words: readonly string[]): string[] => [process.execPath, program, ...words];

const waitFor = async (said: () => string, pattern: RegExp): Promise<RegExpExecArray> => {
  for (let tries = 0; tries < 300; tries += 1) {
    const match = pattern.exec(said());
    if (match !== null) return match;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`It did not say ${pattern}: ${said()}`);
};

describe.skipIf(!canTrace())('connections that nobody configured (R-324)', () => {
  it('R-324 what is watched is seen: a connection elsewhere is in the trace', async () => {
    const connect =
      "require('node:net').connect(9, '192.0.2.1').on('error', () => {}); setTimeout(() => process.exit(), 200)";
    const watched = trace('elsewhere', [process.execPath, '-e', connect]);
    await watched.ended;
    expect(watched.addresses()).toContain('192.0.2.1:9');
  });

  it('R-324 the server makes none, the command only to its server', async () => {
    const flags = Object.entries({ ...settingsIn(folder), listen: '127.0.0.1:0' });
    const server = trace(
      'server',
      coffer(['server', ...flags.flatMap(([name, value]) => [`--${name}`, value])]),
    );
    try {
      const [, url = ''] = await waitFor(server.said, /Coffer listens on (\S+)/);
      const [planted] = plantValues();
      const steps: (readonly string[])[] = [
        ['login', '--local', '--data-dir', join(folder, 'data')],
        ['agent', 'create', 'bot'],
        ['secrets', 'set', 'bot', 'KEY', planted?.value ?? ''],
        ['secrets', 'list', 'bot'],
        ['run', '--agent', 'bot', '--', 'sh', '-c', 'test -n "$KEY"'],
        ['audit', 'verify'],
        ['--help'],
        ['--version'],
      ];
      for (const [at, words] of steps.entries()) {
        const step = trace(`step-${at}`, coffer(words), { COFFER_URL: url });
        const [status] = (await step.ended) as [number | null];
        expect({ words: words.slice(0, 2), status }).toEqual({ words: words.slice(0, 2), status: 0 });
        expect(new Set([new URL(url).host, ...step.addresses()])).toEqual(new Set([new URL(url).host]));
        expect(findPlanted(step.said(), planted === undefined ? [] : [planted])).toEqual([]);
      }
    } finally {
      server.child.kill('SIGTERM');
      await server.ended;
    }
    expect(server.addresses()).toEqual([]);
  }, 120_000);
});
