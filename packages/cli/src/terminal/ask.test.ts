import { spawn, type IPty } from '@lydell/node-pty';
import type { SecretRecord } from '@coffer/contract';
import { startServer, type TestServer } from '@coffer/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCommandLineUser, type CommandLineUser } from './command-line.fixture.ts';

let server: TestServer;
let ann: CommandLineUser;
const value = 'sk_live_0123456789abcdefwxyz';

beforeAll(async () => {
  server = await startServer();
  ann = await createCommandLineUser({ COFFER_URL: server.url });
  await ann.run(['login', '--local']);
  await ann.run(['agent', 'create', 'support-bot']);
});
afterAll(async () => {
  await ann.close();
  await server.close();
});

/** The command in a real terminal, typed into as soon as it shows what is waited for. */
async function inTerminal(
  words: readonly string[],
  typed: readonly (readonly [waitFor: string, keys: string])[],
): Promise<{ readonly status: number; readonly shown: string }> {
  const terminal: IPty = spawn(process.execPath, [ann.bin, ...words], {
    cols: 200,
    rows: 40,
    cwd: ann.folder,
    env: { ...ann.environment, TERM: 'xterm' },
  });
  let shown = '';
  const waiting = [...typed];
  terminal.onData((text) => {
    shown += text;
    const [next] = waiting;
    if (next !== undefined && shown.includes(next[0])) {
      waiting.shift();
      terminal.write(next[1]);
    }
  });
  return await new Promise((resolve) => {
    terminal.onExit(({ exitCode }) => resolve({ status: exitCode, shown }));
  });
}

const previewOf = async (name: string): Promise<string | null | undefined> =>
  (await ann.ask<SecretRecord>(['secrets', 'get', 'support-bot', name])).values[0]?.preview;

describe('questions in a real terminal', () => {
  it('R-182 R-197 set asks `Enter value for KEY:` and shows no typed character', async () => {
    const words = ['secrets', 'set', 'support-bot', 'ASKED'];
    const { status, shown } = await inTerminal(words, [['Enter value for ASKED:', `${value}\r`]]);
    expect(status).toBe(0);
    expect(shown).toContain('Created ASKED of agent support-bot');
    expect(shown.split('Enter value for ASKED:')[1]?.split('\n')[0]?.trim()).toBe('\u001b[?2004l');
    expect(await previewOf('ASKED')).toBe('****wxyz');
  });

  it('R-197 Ctrl-C changes nothing and ends with 130', async () => {
    const words = ['secrets', 'set', 'support-bot', 'GIVEN_UP'];
    const { status } = await inTerminal(words, [['Enter value', 'half\u0003']]);
    expect(status).toBe(130);
    expect(await ann.run(['secrets', 'get', 'support-bot', 'GIVEN_UP'])).toMatchObject({ status: 5 });
  });

  it('R-198 an empty answer is refused', async () => {
    const words = ['secrets', 'set', 'support-bot', 'NOTHING'];
    const { status, shown } = await inTerminal(words, [['Enter value', '\r']]);
    expect(status).toBe(2);
    expect(shown).toContain('value_empty');
  });

  it('a pasted key of several lines is one value', async () => {
    const key = '-----BEGIN KEY-----\rabcdefghijklmnop\r-----END KEY-----';
    const words = ['secrets', 'set', 'support-bot', 'PEM'];
    await inTerminal(words, [['Enter value', `\u001b[200~${key}\u001b[201~\r`]]);
    const program = 'console.log(process.env.PEM.split("\\n").length)';
    const started = await ann.run([
      'run',
      '--agent',
      'support-bot',
      '--only',
      'PEM',
      '--',
      process.execPath,
      '-e',
      program,
    ]);
    expect(started.stdout).toBe('3\n');
  });

  it('R-185 R-187 the value of a variable is shown while it is typed, of a secret never', async () => {
    const plain = await inTerminal(
      ['secrets', 'create', 'REGION', '--plain'],
      [['Enter value for REGION:', 'eu-west-1\r']],
    );
    expect(plain.shown).toContain('Enter value for REGION: eu-west-1');
    const updated = await inTerminal(['secrets', 'update', 'REGION'], [['Enter value', 'eu-north-1\r']]);
    expect(updated.shown).toContain('eu-north-1');
    const sealed = await inTerminal(
      ['secrets', 'update', 'support-bot', 'ASKED'],
      [['Enter value', `${value}2\r`]],
    );
    expect(sealed.shown).not.toContain(value);
    expect(await previewOf('ASKED')).toBe('****xyz2');
  });

  it('R-200 a value given as a word works, with a hint about the shell history', async () => {
    const { status, shown } = await inTerminal(['secrets', 'set', 'support-bot', 'AS_WORD', value], []);
    expect(status).toBe(0);
    expect(shown).toContain('shell history');
    expect(shown).not.toContain(value);
  });

  it('R-200 a variable given as a word has no such hint', async () => {
    const words = ['secrets', 'set', 'support-bot', 'SHOWN', 'eu-west-1', '--plain'];
    expect((await inTerminal(words, [])).shown).not.toContain('shell history');
  });

  it('R-201 --purge asks; no answer but yes destroys', async () => {
    const words = ['secrets', 'delete', 'support-bot', 'AS_WORD', '--purge'];
    expect((await inTerminal(words, [['[y/N]', 'n\r']])).shown).toContain('Nothing was deleted.');
    expect(await previewOf('AS_WORD')).toBe('****wxyz');
    expect((await inTerminal(words, [['[y/N]', 'y\r']])).shown).toContain('Destroyed');
  });

  it.each([
    ['secrets delete', ['secrets', 'delete', 'support-bot', 'ASKED', '--purge'], 'deleted'],
    [
      'secrets destroy-version',
      ['secrets', 'destroy-version', 'support-bot', 'ASKED', '--version', '1'],
      'destroyed',
    ],
    ['agent delete', ['agent', 'delete', 'support-bot'], 'deleted'],
    ['agent update', ['agent', 'update', 'support-bot', '--project', 'default'], 'changed'],
  ])('R-203 %s that is answered with no did not do what was asked for: status 1', async (_, words, done) => {
    const { status, shown } = await inTerminal(words, [['[y/N]', 'n\r']]);
    expect(shown).toContain(`Nothing was ${done}.`);
    expect(status).toBe(1);
    expect(await previewOf('ASKED')).toBe('****xyz2');
  });

  it.each([
    ['stdout is a pipe', 'PIPED', '| cat'],
    ['stderr is a file', 'REDIRECTED', '2>errors.txt'],
    ['stdout and stderr are a file', 'UNHEARD', '>all.txt 2>&1'],
  ])('R-197 the question is read from the terminal though %s', async (_, name, redirected) => {
    const terminal = spawn(
      '/bin/sh',
      ['-c', `"${process.execPath}" "${ann.bin}" secrets set support-bot ${name} ${redirected}`],
      {
        cwd: ann.folder,
        env: { ...ann.environment, TERM: 'xterm' },
      },
    );
    let asked = false;
    terminal.onData((text) => {
      if (!asked && text.includes('Enter value')) terminal.write(`${value}\r`);
      asked ||= text.includes('Enter value');
    });
    const status = await new Promise((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)));
    expect(status).toBe(0);
    expect(await previewOf(name)).toBe('****wxyz');
  });
});
