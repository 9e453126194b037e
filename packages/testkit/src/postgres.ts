import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { execFileSync } from 'node:child_process';
import pg from 'pg';

export interface RunningPostgres {
  /** The database `postgres`, for a superuser without a password on a loopback port. */
  readonly url: string;
  /** An empty database of its own. */
  createDatabase(): Promise<string>;
  /** Ends every connection to this database from the server's side; returns how many there were. */
  endConnections(url: string): Promise<number>;
  /** Kills the server as a crash would, and starts it again on the same data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const findPrograms = (): string | undefined =>
  [
    ...globSync('/usr/lib/postgresql/*/bin').sort().reverse(),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ].find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'pg_ctl')));

/**
 * Whether this machine has PostgreSQL; says in one line that the tests are left out where it has not.
 * Throws where `COFFER_REQUIRE_POSTGRES` asks for it.
 */
export const hasPostgres = (): boolean => {
  if (findPrograms() !== undefined) return true;
  if ((process.env['COFFER_REQUIRE_POSTGRES'] ?? '') !== '')
    throw new Error(
      'PostgreSQL is required (COFFER_REQUIRE_POSTGRES), but initdb and pg_ctl were not found.',
    );
  process.stderr.write('PostgreSQL was not found (initdb, pg_ctl): its tests are skipped.\n');
  return false;
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null
          ? resolve(address.port)
          : reject(new Error('no port')),
      );
    });
  });

/** PostgreSQL refuses to run as root; its package made a user for it. */
const chooseUser = (): { uid: number; gid: number } | undefined => {
  if (process.getuid?.() !== 0) return undefined;
  const numberOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: numberOf('-u'), gid: numberOf('-g') };
};

const serverSettings = (port: number): string =>
  [
    `-p ${port}`,
    '-c listen_addresses=127.0.0.1',
    "-c unix_socket_directories=''",
    '-c max_connections=200',
    '-c log_min_messages=panic',
  ].join(' ');

/** A PostgreSQL server of its own on a random loopback port, with durable commits; `stop` leaves nothing behind. */
export const startPostgres = async (): Promise<RunningPostgres> => {
  const programs = findPrograms();
  if (programs === undefined) throw new Error('PostgreSQL was not found.');
  const user = chooseUser();
  const folder = mkdtempSync(join(tmpdir(), 'coffer-postgres-'));
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const port = await freePort();

  const run = (program: string, args: readonly string[]): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = spawn(join(programs, program), args, { cwd: folder, stdio: 'ignore', ...user });
      child.on('error', reject);
      child.on('exit', (status) =>
        status === 0 ? resolve() : reject(new Error(`${program} ended with status ${status ?? 'none'}`)),
      );
    });
  const start = () =>
    run('pg_ctl', ['start', '-w', '-D', data, '-l', join(folder, 'log'), '-o', serverSettings(port)]);
  const urlOf = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`;

  await run('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync']);
  await start();
  return {
    url: urlOf('postgres'),
    async createDatabase() {
      const name = `coffer_${randomBytes(6).toString('hex')}`;
      const client = new pg.Client({ connectionString: urlOf('postgres') });
      await client.connect();
      await client.query(`create database ${name}`);
      await client.end();
      return urlOf(name);
    },
    async endConnections(database) {
      const client = new pg.Client({ connectionString: urlOf('postgres') });
      await client.connect();
      const { rowCount } = await client.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1',
        [new URL(database).pathname.slice(1)],
      );
      await client.end();
      return rowCount ?? 0;
    },
    async restart() {
      await run('pg_ctl', ['stop', '-w', '-m', 'immediate', '-D', data]);
      await start();
    },
    async stop() {
      await run('pg_ctl', ['stop', '-w', '-m', 'immediate', '-D', data]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
