import type { Socket } from 'node:net';
import pg from 'pg';
import type { Row } from './engine.ts';
import { classify, isDriverError } from './postgres-errors.ts';

/** Settings of connections whose work takes the time it takes. */
export interface WatchedSettings extends pg.ClientConfig {
  /** How often a connection that is silent is looked at. */
  readonly timeoutMs: number;
  readonly stream: () => Socket;
}

const looksInSilence = 2;

const endSilently = (client: pg.Client): void => {
  client.end().catch(() => undefined);
};

/** Whether the server lets anybody in, or at least says why not. */
const isAnswering = async (settings: pg.ClientConfig): Promise<boolean> => {
  const client = new pg.Client(settings);
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch (error) {
    return isDriverError(error);
  } finally {
    endSilently(client);
  }
};

/**
 * Long work has no limit, but is given up where the server is silent: nothing came on its connection since the
 * last look, and the server, asked on another, answers nobody else either, twice in a row. Returns what ends the watch.
 */
export const watchSilence = (socket: Socket, settings: WatchedSettings): (() => void) => {
  let heard = socket.bytesRead;
  let silent = 0;
  let isLooking = false;
  const isHeard = (): boolean => socket.bytesRead !== heard;
  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    const isThere = isHeard() || (await isAnswering(settings)) || isHeard();
    isLooking = false;
    heard = socket.bytesRead;
    silent = isThere ? 0 : silent + 1;
    if (silent === looksInSilence) socket.destroy();
  };
  const looking = setInterval(() => void look(), settings.timeoutMs);
  return () => clearInterval(looking);
};

/** Asks the server one thing, and waits for the answer as long as it takes. */
export type Ask = (text: string) => Promise<readonly Row[]>;

/** Long work on a connection of its own. */
export const runWatched = async <Result>(
  settings: WatchedSettings,
  work: (ask: Ask) => Promise<Result>,
): Promise<Result> => {
  const socket = settings.stream();
  const client = new pg.Client({ ...settings, stream: () => socket });
  client.on('error', () => undefined);
  const endWatch = watchSilence(socket, settings);
  try {
    await client.connect().catch((error: unknown) => {
      throw classify(error);
    });
    return await work(async (text) => {
      try {
        return (await client.query<Row>(text)).rows;
      } catch (error) {
        throw classify(error);
      }
    });
  } finally {
    endWatch();
    endSilently(client);
  }
};
