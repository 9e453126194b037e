import { Socket } from 'node:net';
import pg from 'pg';
import type { Answer, SqlValue, TransactionFault, WriteSession } from './engine.ts';
import { storageUnavailable } from './faults.ts';
import { classify, endsConnection } from './postgres-errors.ts';
import { expectOneChanged, StatementFault } from './statement-fault.ts';

export interface PostgresWriter extends WriteSession {
  end(): Promise<void>;
}

export const runQuery = async (
  client: Pick<pg.ClientBase, 'query'>,
  query: {
    readonly text: string;
    readonly parameters: readonly SqlValue[];
    readonly name?: string | undefined;
  },
): Promise<Answer> => {
  const { text, parameters, name } = query;
  const { rows, rowCount } = await client.query<Record<string, unknown>>({
    text,
    values: [...parameters],
    ...(name !== undefined && { name }),
  });
  return { rows, changed: rowCount ?? 0 };
};

/** Statements that the server keeps parsed and planned; others are parsed whenever they run. */
const keptStatements = 400;

/** Names a statement from its second use on. */
const createNames = () => {
  const names = new Map<string, string>();
  const once = new Set<string>();
  return (text: string): string | undefined => {
    const known = names.get(text);
    if (known !== undefined || names.size >= keptStatements) return known;
    if (!once.delete(text)) {
      if (once.size >= keptStatements) once.clear();
      once.add(text);
      return undefined;
    }
    const name = `coffer_${names.size}`;
    names.set(text, name);
    return name;
  };
};

/** What the server kept of a statement serves no more: its tables were changed, or it was thrown away. */
const outdatedCodes: ReadonlySet<string> = new Set(['0A000', '26000']);

/**
 * Statements here find few rows by key, also while the server knows nothing of a table that has just
 * grown; one plan for all values, as a batch has hundreds of them.
 */
const planning = [
  'set enable_seqscan = off',
  'set enable_hashjoin = off',
  'set enable_mergejoin = off',
  'set plan_cache_mode = force_generic_plan',
  'set jit = off',
];

/** What speaks the protocol and knows no such setting plans by itself. */
const setPlanning = (client: pg.Client): Promise<unknown> =>
  Promise.all(planning.map((text) => client.query(text).catch(() => undefined)));

/** A socket that holds back what is written to it until nothing else is left to do: statements travel together. */
interface GatheringSocket {
  readonly socket: Socket;
  gather(): void;
}

const createGatheringSocket = (): GatheringSocket => {
  const socket = new Socket();
  let isHeld = false;
  return {
    socket,
    gather(): void {
      if (isHeld) return;
      isHeld = true;
      socket.cork();
      process.nextTick(() => {
        isHeld = false;
        socket.uncork();
      });
    },
  };
};

/** The write session on one connection of its own; a connection that failed is replaced by the next `begin`. */
export const createWriter = (settings: pg.ClientConfig, committed: () => void): PostgresWriter => {
  let client: pg.Client | undefined;
  let socket: GatheringSocket | undefined;
  let fault: TransactionFault | undefined;
  let inTransaction = false;
  /** The connection is to be replaced, with all the statements it keeps. */
  let isOutdated = false;
  /** A statement of a transaction that was given up may fail only after the next one has begun. */
  let transaction = 0;
  const nameOf = createNames();

  const drop = (lost: pg.Client): void => {
    if (client === lost) client = undefined;
    lost.end().catch(() => undefined);
  };

  const connect = async (): Promise<pg.Client> => {
    if (client !== undefined) return client;
    const gathering = createGatheringSocket();
    const fresh = new pg.Client({ ...settings, pipeline: true, stream: () => gathering.socket });
    fresh.on('error', () => drop(fresh));
    fresh.on('end', () => drop(fresh));
    try {
      await fresh.connect();
      await setPlanning(fresh);
    } catch (error) {
      drop(fresh);
      throw classify(error);
    }
    client = fresh;
    isOutdated = false;
    socket = gathering;
    return fresh;
  };

  const guarded = async (text: string, parameters: readonly SqlValue[] = []): Promise<Answer> => {
    const current = client;
    const itsTransaction = transaction;
    if (current === undefined) {
      fault = 'unavailable';
      throw storageUnavailable('connection');
    }
    // BEGIN and the like have no parameters, and nothing to plan.
    const name = parameters.length === 0 ? undefined : nameOf(text);
    try {
      socket?.gather();
      return await runQuery(current, { text, parameters, name });
    } catch (error) {
      const classified = classify(error);
      if (!(classified instanceof StatementFault)) {
        if (current === client || itsTransaction === transaction) fault = 'unavailable';
        drop(current);
      } else if (name !== undefined && outdatedCodes.has(classified.driverCode)) {
        if (itsTransaction === transaction) fault = 'conflict';
        isOutdated ||= current === client;
        throw new StatementFault('conflict', classified.driverCode);
      } else if (classified.reason === 'conflict' && itsTransaction === transaction) fault = 'conflict';
      throw classified;
    }
  };

  const control = async (text: string): Promise<void> => {
    await guarded(text);
  };

  const execute = async (text: string, parameters: readonly SqlValue[]): Promise<Answer> => {
    // Within a transaction a lost connection is the end; a new one would not know of the transaction.
    if (!inTransaction) await connect();
    return guarded(text, parameters);
  };

  return {
    get fault() {
      return fault;
    },
    execute,
    async executeEach(text, lists) {
      if (!inTransaction) await connect();
      await Promise.all(lists.map((parameters) => guarded(text, parameters)));
    },
    async changeOne(text, parameters) {
      const { changed } = await execute(text, parameters);
      expectOneChanged(changed);
    },
    async begin() {
      fault = undefined;
      transaction += 1;
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
        committed();
      } catch (error) {
        const classified = classify(error);
        if (classified instanceof StatementFault && classified.reason === 'conflict') fault = 'conflict';
        else drop(current);
        // Only the answer may be lost, and the commit be durable.
        throw endsConnection(error) ? storageUnavailable('unsure') : classified;
      }
    },
    async rollback() {
      inTransaction = false;
      const current = client;
      if (current === undefined) return;
      if (isOutdated) {
        drop(current);
        return;
      }
      try {
        await current.query('rollback');
      } catch {
        drop(current);
      }
    },
    async end() {
      const current = client;
      client = undefined;
      await current?.end().catch(() => undefined);
    },
  };
};
