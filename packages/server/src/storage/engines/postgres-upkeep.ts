import pg from 'pg';
import { classify, isDriverError } from './postgres-errors.ts';

const silently = async (client: pg.Client): Promise<void> => {
  await client.end().catch(() => undefined);
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
    void silently(client);
  }
};

/**
 * Runs a statement that takes the time its table needs, on a connection of its own. It has no limit, but is
 * given up where the server, asked every `timeoutMs`, answers nobody else either.
 */
export const runUpkeep = async (
  { timeoutMs, ...settings }: pg.ClientConfig & { readonly timeoutMs: number },
  text: string,
): Promise<void> => {
  const client = new pg.Client(settings);
  client.on('error', () => undefined);
  const asking = setInterval(() => {
    void isAnswering(settings).then((isThere) => (isThere ? undefined : silently(client)));
  }, timeoutMs);
  try {
    await client.connect();
    await client.query(text);
  } catch (error) {
    throw classify(error);
  } finally {
    clearInterval(asking);
    void silently(client);
  }
};
