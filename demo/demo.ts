import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startModelService } from './model-service.ts';
import { createShell, type Ran, type Shell } from './shell.ts';

// The main job on a fresh clone, with the real server, the real command line and real programs as
// agents. Every step is checked; the demo fails if one does not show what it says.

const assistant = fileURLToPath(new URL('agents/assistant.ts', import.meta.url));
const reporter = fileURLToPath(new URL('agents/reporter.py', import.meta.url));
const bold = process.stdout.isTTY ? (text: string) => `\u001b[1m${text}\u001b[0m` : (text: string) => text;

const findPort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
};

const indent = (text: string): string =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => `    ${line}`)
    .join('\n');

const expect = (holds: boolean, promise: string): void => {
  if (!holds) throw new Error(`The demo did not show: ${promise}`);
};

const createStage = (shell: Shell) => ({
  title: (text: string): void => console.log(`\n${bold(text)}`),
  coffer: async (
    words: readonly string[],
    options: { input?: string; quiet?: boolean; status?: number } = {},
  ): Promise<Ran> => {
    const shown = words.map((word) => (/[\s"]/.test(word) ? `'${word}'` : word)).join(' ');
    if (options.quiet !== true) console.log(`  $ coffer ${shown.replaceAll(process.cwd(), '.')}`);
    const ran = await shell.run(words, options.input);
    if (options.quiet !== true) console.log(indent(ran.stderr + ran.stdout));
    expect(
      ran.status === (options.status ?? 0),
      `status ${options.status ?? 0} of coffer ${words.slice(0, 2).join(' ')}, got ${ran.status}\n${ran.stderr}`,
    );
    return ran;
  },
});

const until = async (isDone: () => boolean | Promise<boolean>, promise: string): Promise<void> => {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await isDone()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`The demo waited in vain: ${promise}`);
};

const main = async (): Promise<void> => {
  const root = await mkdtemp(join(tmpdir(), 'coffer-demo-'));
  const port = await findPort();
  const environment = {
    XDG_CONFIG_HOME: join(root, 'config'),
    XDG_DATA_HOME: join(root, 'data'),
    COFFER_URL: `http://127.0.0.1:${port}`,
    COFFER_LOG_LEVEL: 'error',
  };
  const shell = createShell(environment);
  const stage = createStage(shell);
  const { coffer, title } = stage;
  const service = await startModelService();
  const oldKey = `sk-demo-${randomBytes(24).toString('hex')}`;
  const newKey = `sk-demo-${randomBytes(24).toString('hex')}`;
  const output: string[] = [];
  const keep = async (ran: Promise<Ran>): Promise<Ran> => {
    const result = await ran;
    output.push(result.stdout, result.stderr);
    return result;
  };

  title('1. The server, on the embedded SQLite');
  console.log('  $ coffer server');
  let isUp = false;
  const server = shell.start(['server', '--listen', `127.0.0.1:${port}`], (line) => {
    console.log(`    ${line}`);
    isUp ||= line.includes('listens on');
  });
  try {
    await until(() => isUp, 'the server listens');
    await coffer(['login', '--local']);

    title('2. An agent, started before its key is there: nothing runs, and it is said why');
    await coffer(['agent', 'create', 'assistant']);
    await coffer(['agent', 'create', 'stranger']);
    const run = ['run', '--agent', 'assistant', '--pass-env', 'MODEL_URL', '--'];
    const missing = [
      'run',
      '--agent',
      'assistant',
      '--only',
      'OPENAI_API_KEY',
      '--',
      process.execPath,
      assistant,
    ];
    await coffer(missing, { status: 125 });

    title('3. Store the key once; start a TypeScript agent and a Python agent with it');
    service.accept(oldKey);
    await coffer(
      [
        'secrets',
        'set',
        'assistant',
        'OPENAI_API_KEY',
        '--value-file',
        '-',
        '--description',
        'model service, rotate monthly',
      ],
      { input: oldKey },
    );
    await coffer(['secrets', 'set', 'assistant', 'MODEL_URL', service.url, '--plain']);
    await coffer(['secrets', 'set', 'REGION', 'eu-central-1', '--project', 'default', '--plain']);
    const typescript = await keep(coffer([...run, process.execPath, assistant]));
    expect(typescript.stdout.includes('your key is good'), 'the service takes the key');
    expect(typescript.stdout.includes('[masked:OPENAI_API_KEY]'), 'the key is masked in the output');
    const python = await keep(coffer([...run, 'python3', reporter]));
    expect(python.stdout.includes('[masked:OPENAI_API_KEY]'), 'the key is masked in base64 too');

    title('4. Another agent gets nothing of it');
    const stranger = await coffer([
      'run',
      '--agent',
      'stranger',
      '--',
      'sh',
      '-c',
      'echo "key: ${OPENAI_API_KEY-absent}"',
    ]);
    expect(stranger.stdout.includes('key: absent'), 'the variable is absent for another agent');

    title('5. Rotate while it runs: the running one is stale, the next start has the new key');
    const staying = shell.start([...run, process.execPath, assistant, '--stay'], (line) => output.push(line));
    await until(
      async () => (await shell.run(['workloads', 'list', '--json'])).stdout.includes('"running"'),
      'the agent runs',
    );
    service.accept(newKey);
    await coffer(['secrets', 'update', 'assistant', 'OPENAI_API_KEY', '--value-file', '-'], {
      input: newKey,
    });
    const listed = await coffer(['workloads', 'list']);
    expect(/OPENAI_API_KEY|stale/.test(listed.stdout), 'the running workload is stale');
    const after = await keep(coffer([...run, process.execPath, assistant]));
    expect(after.stdout.includes('your key is good'), 'the next start has the new key');
    const workloads = JSON.parse((await shell.run(['workloads', 'list', '--json'])).stdout) as {
      id: string;
      state: string;
    }[];
    const running = workloads.find(({ state }) => state === 'running');
    await coffer(['workloads', 'stop', running?.id ?? '']);
    await once(staying, 'exit');

    title('6. Who got what, and is the record whole?');
    const trail = await keep(coffer(['audit', 'list']));
    expect(trail.stdout.includes('workload.start'), 'the trail names the starts');
    await coffer(['audit', 'verify']);
    const printed = output.join('\n');
    expect(!printed.includes(oldKey) && !printed.includes(newKey), 'no key in anything that was printed');
    console.log(
      `\n${bold('Done.')} No key was printed, and everything above came from the real server and real programs.`,
    );
  } finally {
    server.kill('SIGTERM');
    await once(server, 'exit');
    await service.close();
    await rm(root, { recursive: true, force: true });
  }
};

await main();
