import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  callerOf,
  hasPostgres,
  login,
  settingsIn,
  spawnServer,
  startPostgres,
  type RunningPostgres,
  type ServerProcess,
  type TestCaller,
} from '@coffer/testkit';

export type EngineName = 'sqlite' | 'postgres';

/** The engines this machine has. */
export const engineNames: readonly EngineName[] = hasPostgres() ? ['sqlite', 'postgres'] : ['sqlite'];

export interface Place {
  readonly folder: string;
  /** Flags of `coffer server` for this place. */
  readonly settings: Record<string, string>;
}

export interface Places {
  /** A folder with a database of its own on this engine, both empty. */
  create(engine: EngineName): Promise<Place>;
  postgres(): Promise<RunningPostgres>;
  removeAll(): Promise<void>;
}

export const createPlaces = (): Places => {
  const folders: string[] = [];
  let running: Promise<RunningPostgres> | undefined;
  const postgres = (): Promise<RunningPostgres> => (running ??= startPostgres());
  return {
    postgres,
    async create(engine) {
      const folder = mkdtempSync(join(tmpdir(), 'coffer-reliability-'));
      folders.push(folder);
      const database = engine === 'postgres' ? await (await postgres()).createDatabase() : undefined;
      return { folder, settings: settingsIn(folder, database) };
    },
    async removeAll() {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
      const started = running;
      running = undefined;
      await (await started)?.stop();
    },
  };
};

/** A server process of this place with its owner logged in. */
export const openPlace = async (
  { settings }: Pick<Place, 'settings'>,
  environment: Readonly<Record<string, string>> = {},
): Promise<{ server: ServerProcess; owner: TestCaller }> => {
  const server = await spawnServer(settings, environment);
  return { server, owner: callerOf(server.url, await login(server.url)) };
};

export const stopServer = async (server: ServerProcess): Promise<number | null> => {
  server.kill('SIGTERM');
  return (await server.ended).status;
};
