import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, existsSync, globSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';

export interface PostgresServer {
  readonly url: string;
  stop(): void;
}

const findPrograms = (): string | undefined =>
  [
    ...globSync('/usr/lib/postgresql/*/bin').sort().reverse(),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ].find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'pg_ctl')));

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });

/** PostgreSQL refuses to run as root; its package made a user for it. */
const chooseUser = (): { uid: number; gid: number } | undefined => {
  if (process.getuid?.() !== 0) return undefined;
  const numberOf = (flag: string): number =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: numberOf('-u'), gid: numberOf('-g') };
};

/** PostgreSQL as its package sets it up: fsync and synchronous_commit are on. Undefined where it is not installed. */
export const startPostgres = async (): Promise<PostgresServer | undefined> => {
  const programs = findPrograms();
  if (programs === undefined) return undefined;
  const user = chooseUser();
  const folder = mkdtempSync(join(tmpdir(), 'coffer-bench-postgres-'));
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const run = (program: string, args: readonly string[]): void => {
    const { status } = spawnSync(join(programs, program), args, { cwd: folder, stdio: 'ignore', ...user });
    if (status !== 0) throw new Error(`${program} ended with status ${status ?? 'none'}`);
  };
  const port = await freePort();
  run('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8']);
  const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=200`;
  run('pg_ctl', ['start', '-w', '-D', data, '-l', join(folder, 'log'), '-o', settings]);
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    stop() {
      run('pg_ctl', ['stop', '-w', '-m', 'fast', '-D', data]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
