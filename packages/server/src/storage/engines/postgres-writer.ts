import type pg from 'pg';
import type { Answer, SqlValue, TransactionFault, WriteSession } from './engine.ts';
import { StatementFault, storageUnavailable } from './faults.ts';
import { classify } from './postgres-errors.ts';
import { isWrite, type SavepointState } from './savepoint.ts';

export interface PostgresWriter extends WriteSession {
  end(): Promise<void>;
}

export const runQuery = async (
  client: Pick<pg.ClientBase, 'query'>,
  text: string,
  parameters: readonly SqlValue[],
): Promise<Answer> => {
  const { rows, rowCount } = await client.query<Record<string, unknown>>(text, [...parameters]);
  return { rows, changed: rowCount ?? 0 };
};

/** The write session on one connection of its own; a connection that failed is replaced by the next `begin`. */
export const createWriter = (createClient: () => pg.Client): PostgresWriter => {
  let client: pg.Client | undefined;
  let fault: TransactionFault | undefined;
  let savepoint: SavepointState = 'none';
  let inTransaction = false;

  const drop = (lost: pg.Client): void => {
    if (client === lost) client = undefined;
    lost.end().catch(() => undefined);
  };

  const connect = async (): Promise<pg.Client> => {
    if (client !== undefined) return client;
    const fresh = createClient();
    fresh.on('error', () => drop(fresh));
    fresh.on('end', () => drop(fresh));
    try {
      await fresh.connect();
    } catch (error) {
      drop(fresh);
      throw classify(error);
    }
    client = fresh;
    return fresh;
  };

  const guarded = async (text: string, parameters: readonly SqlValue[] = []): Promise<Answer> => {
    const current = client;
    if (current === undefined) {
      fault = 'unavailable';
      throw storageUnavailable('connection');
    }
    try {
      return await runQuery(current, text, parameters);
    } catch (error) {
      const classified = classify(error);
      if (!(classified instanceof StatementFault)) {
        fault = 'unavailable';
        drop(current);
      } else if (classified.reason === 'conflict') fault = 'conflict';
      throw classified;
    }
  };

  const control = async (text: string): Promise<void> => {
    await guarded(text);
  };

  const execute = async (text: string, parameters: readonly SqlValue[]): Promise<Answer> => {
    // Within a transaction a lost connection is the end; a new one would not know of the transaction.
    if (!inTransaction) await connect();
    if (savepoint === 'due' && isWrite(text)) {
      await control('savepoint job');
      savepoint = 'set';
    }
    return guarded(text, parameters);
  };

  return {
    get fault() {
      return fault;
    },
    execute,
    async executeEach(text, lists) {
      for (const parameters of lists) await execute(text, parameters);
    },
    async begin() {
      fault = undefined;
      savepoint = 'none';
      const reused = client !== undefined;
      await connect();
      try {
        await control('begin');
      } catch (error) {
        // The connection may have died while idle: nothing has begun, so a new one may serve.
        if (!reused) throw error;
        fault = undefined;
        await connect();
        await control('begin');
      }
      inTransaction = true;
    },
    async commit() {
      inTransaction = false;
      const current = client;
      if (current === undefined) throw storageUnavailable('connection');
      try {
        const { command } = await current.query('commit');
        // A transaction that a statement has aborted answers COMMIT with ROLLBACK.
        if (command !== 'COMMIT') throw storageUnavailable('io');
      } catch (error) {
        const classified = classify(error);
        if (classified instanceof StatementFault && classified.reason === 'conflict') fault = 'conflict';
        else drop(current);
        throw classified;
      }
    },
    async rollback() {
      savepoint = 'none';
      inTransaction = false;
      const current = client;
      if (current === undefined) return;
      try {
        await current.query('rollback');
      } catch {
        drop(current);
      }
    },
    savepoint() {
      savepoint = 'due';
    },
    async releaseSavepoint() {
      if (savepoint === 'set') await control('release savepoint job');
      savepoint = 'none';
    },
    async rollbackToSavepoint() {
      if (savepoint === 'set') {
        await control('rollback to savepoint job');
        await control('release savepoint job');
      }
      savepoint = 'none';
    },
    async end() {
      const current = client;
      client = undefined;
      await current?.end().catch(() => undefined);
    },
  };
};
