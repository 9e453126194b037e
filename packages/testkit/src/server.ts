import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createLogger,
  readConfig,
  startServer as start,
  type RunningServer,
  type ServerConfig,
  type StartOptions,
} from '@coffer/server';
import { startPostgres, type RunningPostgres } from './postgres.ts';

export interface TestServer {
  readonly url: string;
  /** A session token of the first owner, `owner@coffer.local`. */
  readonly ownerToken: string;
  /** A session token of anybody who is a member. */
  loginAs(email: string): Promise<string>;
  readonly dataDir: string;
  readonly rootKeyFile: string;
  readonly config: ServerConfig;
  readonly server: RunningServer;
  /** Stops it and starts it again on the same data. */
  restart(): Promise<TestServer>;
  close(): Promise<void>;
}

export interface TestServerOptions extends StartOptions {
  readonly engine?: 'sqlite' | 'postgres';
  /** Another replica of this server: the same database under the same root key. */
  readonly replicaOf?: TestServer;
  /** Leaves out the owner's login, whose token is empty then. */
  readonly login?: false;
  /** Further settings, by flag name. */
  readonly settings?: Readonly<Record<string, string>>;
}

let postgres: Promise<RunningPostgres> | undefined;

/** One PostgreSQL for all tests of a process; each server gets an empty database of its own. */
const createDatabase = async (): Promise<string> => {
  postgres ??= startPostgres();
  return (await postgres).createDatabase();
};

/** Ends the PostgreSQL of this process, if one was started; for `afterAll`. */
export const stopPostgres = async (): Promise<void> => {
  const running = postgres;
  postgres = undefined;
  await (await running)?.stop();
};

const post = async (url: string, body?: unknown): Promise<Record<string, string>> => {
  const response = await fetch(url, {
    method: 'POST',
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return (await response.json()) as Record<string, string>;
};

/** A session token by local login: of the first owner, or of the member with this email. */
export const login = async (url: string, email?: string): Promise<string> => {
  const { challengeId, file } = await post(`${url}/v1/login/local/challenge`);
  const [answer] = (await readFile(file ?? '', 'utf8')).split('\n');
  const { token } = await post(`${url}/v1/login/local`, {
    challengeId,
    answer,
    ...(email !== undefined && { as: email }),
  });
  return token ?? '';
};

const open = async (config: ServerConfig, options: TestServerOptions, root: string): Promise<TestServer> => {
  const server = await start(config, {
    log: options.log ?? createLogger('silent'),
    ...(options.clock && { clock: options.clock }),
  });
  return {
    url: server.url,
    ownerToken: options.login === false ? '' : await login(server.url, undefined),
    loginAs: async (email) => login(server.url, email),
    dataDir: config.dataDir,
    rootKeyFile: config.rootKeyFile,
    config,
    server,
    restart: async () => {
      await server.close();
      return open(config, options, root);
    },
    close: async () => {
      await server.close();
      await rm(root, { recursive: true, force: true });
    },
  };
};

/** The real server on a fresh database: SQLite in a temporary folder, or a new PostgreSQL database. */
export const startServer = async (options: TestServerOptions = {}): Promise<TestServer> => {
  const root = await mkdtemp(join(tmpdir(), 'coffer-'));
  const database = options.engine === 'postgres' ? { database: await createDatabase() } : {};
  const own = readConfig(
    {
      'data-dir': join(root, 'data'),
      'root-key-file': options.replicaOf?.rootKeyFile ?? join(root, 'root.key'),
      'audit-head-file': join(root, 'audit-heads.json'),
      listen: '127.0.0.1:0',
      ...database,
      ...options.settings,
    },
    {},
  );
  const shared = options.replicaOf === undefined ? {} : { database: options.replicaOf.config.database };
  try {
    return await open({ ...own, ...shared }, options, root);
  } catch (error) {
    await rm(root, { recursive: true, force: true });
    throw error;
  }
};
