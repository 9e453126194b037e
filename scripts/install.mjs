// Brings node_modules in line with package-lock.json, then runs the given script on Node 24: `install.mjs [script args]`.
// npm runs no `pretest` here (.npmrc has ignore-scripts), and a fresh clone has only the machine's own Node.
// House rules: plain JavaScript for Node 18 and newer, no dependencies, silent and quick when there is nothing to do.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');

/** Packages of the lock file that are installed in another version or not at all; undefined when nothing is. */
function findOutdated() {
  const installedLock = join(modules, '.package-lock.json');
  if (!existsSync(installedLock)) return undefined;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedLock, 'utf8')).packages;
  return Object.keys(wanted).filter(
    (path) => path.includes('node_modules/') && !isInstalled(wanted[path], installed[path]),
  );
}

function isInstalled(wanted, installed) {
  // npm leaves out optional packages made for other machines.
  if (installed === undefined) return Boolean(wanted.optional || wanted.devOptional);
  return ['version', 'integrity', 'resolved'].every((field) => wanted[field] === installed[field]);
}

function install() {
  // npm deletes node_modules first, so it must not be started by the Node that lives there.
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.startsWith(modules));
  // Its warnings are of the machine's own Node, which nothing here runs on.
  const { status, error } = spawnSync('npm', ['ci', '--loglevel=error'], {
    cwd: root,
    env: { ...process.env, PATH: path.join(delimiter) },
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (error) process.stderr.write(`npm ci could not start: ${error.message}\n`);
  return status ?? 1;
}

const outdated = findOutdated();
if (outdated === undefined || outdated.length > 0) {
  process.stderr.write(
    outdated ? `${outdated.length} packages are out of date: npm ci\n` : 'Nothing is installed yet: npm ci\n',
  );
  const status = install();
  if (status !== 0) process.exit(status);
}

/** The Node that runs TypeScript: this one when it is new enough, else the one that npm installed. */
function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  const installed = join(modules, '.bin', 'node');
  return existsSync(installed) ? installed : undefined;
}

/** Takes the place of this process: same input and output, same end. */
function become(node, args) {
  const child = spawn(node, args, { stdio: 'inherit' });
  // A terminal interrupts the child as well, and the child decides what comes of it.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('close', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

const node = findNode();
if (node === undefined) {
  process.stderr.write(
    `Coffer needs Node 24 or newer, this is ${process.version}. Install it and start again.\n`,
  );
  process.exit(1);
}
if (process.argv.length > 2) become(node, process.argv.slice(2));
