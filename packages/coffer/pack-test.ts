// Builds the package, packs it, installs the tarball into an empty folder and uses it as a stranger would.
// One line for each step; the last line is `N passed, N failed`.
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const here = import.meta.dirname;
const folder = mkdtempSync(join(tmpdir(), 'coffer-pack-'));
const dataDir = join(folder, 'data');
const installed = join(folder, 'node_modules', 'coffer');
const command = join(installed, 'bin', 'coffer.cjs');
// npm must not take the repository's settings or Node along.
const bare = {
  HOME: folder,
  PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(':'),
  npm_config_cache: process.env['npm_config_cache'] ?? join(process.env['HOME'] ?? folder, '.npm'),
};

let passed = 0;
let failed = 0;

async function step(name: string, run: () => Promise<void> | void): Promise<void> {
  try {
    await run();
    passed += 1;
    process.stdout.write(`ok      ${name}\n`);
  } catch (failure) {
    failed += 1;
    process.stdout.write(
      `FAILED  ${name}\n${failure instanceof Error ? failure.message : String(failure)}\n`,
    );
  }
}

function expect(isTrue: boolean, otherwise: string): void {
  if (!isTrue) throw new Error(otherwise);
}

interface Run {
  readonly node?: string;
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

function coffer(words: readonly string[], { node = process.execPath, input, environment }: Run = {}) {
  const { status, stdout, stderr } = spawnSync(node, [command, ...words], {
    cwd: folder,
    env: { ...bare, ...environment },
    encoding: 'utf8',
    input: input ?? '',
    timeout: 60_000,
  });
  return { status, stdout, stderr, all: `${stdout}${stderr}` };
}

function expectSuccess(words: readonly string[], run?: Run): string {
  const { status, stdout, all } = coffer(words, run);
  expect(status === 0, `coffer ${words.slice(0, 2).join(' ')} ended with ${String(status)}\n${all}`);
  return stdout;
}

/** Resolves with the server's address once it listens. */
function startServer(): { readonly child: ChildProcess; readonly url: Promise<string> } {
  const words = ['server', '--data-dir', dataDir, '--listen', '127.0.0.1:0'];
  const child = spawn(process.execPath, [command, ...words], { cwd: folder, env: bare });
  const url = new Promise<string>((resolve, reject) => {
    let said = '';
    child.stderr.on('data', (bytes: Buffer) => {
      said += bytes.toString();
      const [, address] = /Coffer listens on (\S+)/.exec(said) ?? [];
      if (address !== undefined) resolve(address);
    });
    child.on('exit', (status) => reject(new Error(`the server ended with ${String(status)}\n${said}`)));
  });
  return { child, url };
}

const npm = (words: readonly string[], cwd: string): string =>
  execFileSync('npm', words, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

try {
  await step('the package builds', () => void npm(['run', 'build'], here));
  await step('the tarball installs into an empty folder', () => {
    const staged = join(here, 'dist', 'package');
    const [packed] = JSON.parse(npm(['pack', '--json', '--pack-destination', folder], staged)) as {
      readonly filename: string;
      readonly size: number;
    }[];
    expect(packed !== undefined, 'npm pack made no tarball');
    npm(['init', '--yes'], folder);
    npm(['install', '--no-audit', '--no-fund', join(folder, packed?.filename ?? '')], folder);
    expect(existsSync(command), 'the command is not installed');
    expect(existsSync(join(installed, 'LICENSE')), 'the licence is not installed');
  });
  await step('coffer --version is the package’s', () => {
    const { version } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(expectSuccess(['--version']).trim() === version, 'another version');
  });
  await step('coffer --help lists the commands, with the server’s', () => {
    const help = expectSuccess(['--help']);
    for (const word of ['secrets', 'run', 'server']) expect(help.includes(`\n  ${word} `), `no ${word}`);
  });
  await step('R-323 an old Node gets one clear line', () => {
    const old = ['/usr/bin/node', '/usr/local/bin/node'].filter(existsSync).find((node) => {
      const [major] = execFileSync(node, ['--version'], { encoding: 'utf8' }).slice(1).split('.');
      return Number(major) < 24;
    });
    if (old === undefined) {
      process.stdout.write('        (this machine has no old Node to try it with)\n');
      return;
    }
    const { status, stdout, stderr } = coffer(['--version'], { node: old });
    expect(status === 1 && stdout === '', `status ${String(status)}, stdout ${stdout}`);
    expect(/^Coffer needs Node 24 or newer; this is v\d+\.\d+\.\d+\.\n$/.test(stderr), stderr);
  });
  await step(
    'a secret stored with the installed server reaches the agent, masked in its output',
    async () => {
      const { child, url } = startServer();
      try {
        const environment = { COFFER_URL: await url };
        const value = 'sk_live_0123456789abcdef';
        expectSuccess(['login', '--local', '--data-dir', dataDir], { environment });
        expectSuccess(['agent', 'create', 'support-bot'], { environment });
        const set = ['secrets', 'set', 'support-bot', 'STRIPE_API_KEY', '--value-file', '-'];
        expectSuccess(set, { environment, input: `${value}\n` });
        const program = 'console.log(process.env.STRIPE_API_KEY.length, process.env.STRIPE_API_KEY)';
        const run = ['run', '--agent', 'support-bot', '--', process.execPath, '-e', program];
        const said = expectSuccess(run, { environment });
        expect(said === `${value.length} [masked:STRIPE_API_KEY]\n`, said.replaceAll(value, 'THE VALUE'));
        expectSuccess(['audit', 'verify'], { environment });
      } finally {
        child.removeAllListeners('exit');
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGTERM');
        await ended;
      }
    },
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
