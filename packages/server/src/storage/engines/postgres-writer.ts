import type { Socket } from 'node:net';
import pg from 'pg';
import type { Answer, SqlValue, TransactionFault, WriteSession } from './engine.ts';
import { storageUnavailable } from './faults.ts';
import { classify, endsConnection } from './postgres-errors.ts';
import { watchSilence, type WatchedSettings } from './postgres-watch.ts';
import { expectOneChanged, StatementFault } from './statement-fault.ts';

export interface PostgresWriter extends WriteSession {
  end(): Promise<void>;
}

/**
 * A query whose answer does not come in time fails, and its connection is destroyed with all the queries
 * that wait in it. No limit: the answer is waited for.
 */
const withinMs = (limitMs: number | undefined): { readonly query_timeout?: number } =>
  limitMs === undefined ? {} : { query_timeout: limitMs };

export const runQuery = async (
  client: Pick<pg.ClientBase, 'query'>,
  query: {
    readonly text: string;
    readonly parameters: readonly SqlValue[];
    readonly name?: string | undefined;
    readonly limitMs: number | undefined;
  },
): Promise<Answer> => {
  const { text, parameters, name, limitMs } = query;
  const { rows, rowCount } = await client.query<Record<string, unknown>>({
    text,
    values: [...parameters],
    ...(name !== undefined && { name }),
    ...withinMs(limitMs),
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

/**
 * A connection that was cut off and lives on in the server keeps nobody waiting: it gives up the lock that it
 * waits for, and its transaction with the locks that it holds. Nobody is cut off before `limitMs`.
 */
const givingUp = (limitMs: number | undefined): readonly string[] => [
  `set lock_timeout = ${2 * (limitMs ?? 0)}`,
  `set idle_in_transaction_session_timeout = ${limitMs ?? 0}`,
];

/** What speaks the protocol and knows no such setting goes on without it. */
const setAll = (client: pg.Client, texts: readonly string[], limitMs: number): Promise<unknown> =>
  Promise.all(
    texts.map((text) =>
      client.query({ text, ...withinMs(limitMs) }).catch((error: unknown) => {
        if (endsConnection(error)) throw error;
      }),
    ),
  );

/** A socket that holds back what is written to it until nothing else is left to do: statements travel together. */
interface GatheringSocket {
  readonly socket: Socket;
  gather(): void;
}

const createGatheringSocket = (socket: Socket): GatheringSocket => {
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
export const createWriter = (watched: WatchedSettings, committed: () => void): PostgresWriter => {
  // How long an answer is waited for, but in a long transaction.
  const { timeoutMs, stream, ...settings } = watched;
  let client: pg.Client | undefined;
  let socket: GatheringSocket | undefined;
  let fault: TransactionFault | undefined;
  let inTransaction = false;
  /** The connection is to be replaced, with all the statements it keeps. */
  let isOutdated = false;
  let isLong = false;
  /** Whether the server gives up what takes too long in this connection. */
  let isGivingUp = false;
  /** A statement of a transaction that was given up may fail only after the next one has begun. */
  let transaction = 0;
  const nameOf = createNames();
  /** Ends the watch over a long transaction. */
  let endWatch = (): void => undefined;

  const limitMs = (): number | undefined => (isLong ? undefined : timeoutMs);

  const drop = (lost: pg.Client): void => {
    if (client === lost) {
      client = undefined;
      endWatch();
    }
    lost.end().catch(() => undefined);
  };

  const connect = async (): Promise<pg.Client> => {
    if (client !== undefined) return client;
    const gathering = createGatheringSocket(stream());
    const fresh = new pg.Client({ ...settings, pipeline: true, stream: () => gathering.socket });
    fresh.on('error', () => drop(fresh));
    fresh.on('end', () => drop(fresh));
    try {
      await fresh.connect();
      await setAll(fresh, planning, timeoutMs);
    } catch (error) {
      drop(fresh);
      throw classify(error);
    }
    client = fresh;
    isOutdated = false;
    isGivingUp = false;
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
      return await runQuery(current, { text, parameters, name, limitMs: limitMs() });
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

  const start = async (): Promise<void> => {
    const current = await connect();
    if (isGivingUp === isLong) {
      await setAll(current, givingUp(limitMs()), timeoutMs).catch((error: unknown) => {
        drop(current);
        throw classify(error);
      });
      isGivingUp = !isLong;
    }
    endWatch();
    if (isLong && socket !== undefined) endWatch = watchSilence(socket.socket, watched);
    await control('begin');
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
    async begin(duration) {
      fault = undefined;
      transaction += 1;
      isLong = duration === 'long';
      const reused = client !== undefined;
      try {
        await start();
      } catch (error) {
        // The connection may have died while idle: nothing has begun, so a new one may serve.
        if (!reused) throw error;
        fault = undefined;
        await start();
      }
      inTransaction = true;
    },
    async commit() {
      inTransaction = false;
      const current = client;
      if (current === undefined) throw storageUnavailable('connection');
      try {
        const { command } = await current.query({ text: 'commit', ...withinMs(limitMs()) });
        // A transaction that a statement has aborted answers COMMIT with ROLLBACK.
        if (command !== 'COMMIT') throw storageUnavailable('io');
        committed();
      } catch (error) {
        const classified = classify(error);
        if (classified instanceof StatementFault && classified.reason === 'conflict') fault = 'conflict';
        else drop(current);
        // Only the answer may be lost, and the commit be durable.
        throw endsConnection(error) ? storageUnavailable('unsure') : classified;
      } finally {
        endWatch();
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
        await current.query({ text: 'rollback', ...withinMs(limitMs()) });
        endWatch();
      } catch {
        drop(current);
      }
    },
    async end() {
      endWatch();
      const current = client;
      client = undefined;
      await current?.end().catch(() => undefined);
    },
  };
};
