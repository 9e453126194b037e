import type { ColumnDataType, Dialect, RawBuilder } from 'kysely';
import type { BatchSession } from './savepoint.ts';

export type SqlValue = null | number | string | Uint8Array;
export type Row = Record<string, unknown>;

export interface Answer {
  readonly rows: readonly Row[];
  /** Rows that an insert, update or delete touched. */
  readonly changed: number;
}

/** Runs compiled SQL. Throws `storage_unavailable` where the engine fails, else a StatementFault. */
export interface Session {
  execute(sql: string, parameters: readonly SqlValue[]): Promise<Answer>;
  /** Changes one row that is still as it was read; a `conflict` fault where it is not. */
  changeOne(sql: string, parameters: readonly SqlValue[]): Promise<void>;
  /** Runs a statement that returns no rows once for each list of parameters. */
  executeEach(sql: string, lists: readonly (readonly SqlValue[])[]): Promise<void>;
}

/** What happened since `begin` that the transaction as a whole cannot outlive. */
export type TransactionFault = 'conflict' | 'unavailable';

/** The one session that writes; one transaction at a time. Statements run in the order they were given. */
export interface WriteSession extends Session {
  /** `long`: work that takes the time it takes, and is not cut off where an answer is late. */
  begin(duration?: 'long'): Promise<void>;
  /** Throws `storage_unavailable` where it cannot be known to be durable. */
  commit(): Promise<void>;
  /** Never throws: a transaction that cannot be rolled back ends with its connection. */
  rollback(): Promise<void>;
  readonly fault: TransactionFault | undefined;
}

type ColumnType = ColumnDataType | RawBuilder<unknown>;

/** Column types and table forms that the engines spell differently. */
export interface ColumnTypes {
  /** Compared byte by byte, so that pages continue alike on every engine. */
  readonly text: ColumnType;
  /** Up to 53 bits: instants in milliseconds, counters. */
  readonly integer: ColumnType;
  readonly bytes: ColumnType;
  /** Ends the definition of a table. */
  readonly tableEnd: RawBuilder<unknown>;
  /** Ends the definition of a table whose rows lie in the order of its primary key, where that exists. */
  readonly clusteredTableEnd: RawBuilder<unknown>;
}

/** A stable view of the whole database, for copies. */
export interface Snapshot {
  readTable(table: string, columns: readonly string[]): AsyncIterable<Row>;
}

/** One database engine. What differs between engines is a named member here, never a test for which one it is. */
export interface Engine {
  readonly types: ColumnTypes;
  /** Appended to a select whose rows stay locked until the transaction ends; empty where writers exclude each other. */
  readonly rowLock: '' | ' for update';
  /** A statement that fails ends its transaction, unless a savepoint was set before it. */
  readonly failureEndsTransaction: boolean;
  /** Rows per statement of a bulk write, largest first; none where row by row is as fast. */
  readonly insertChunks: readonly number[];
  readonly reader: Session;
  readonly writer: WriteSession;
  /**
   * Where a transaction that only appends can be handed as a whole to a thread of its own, so that nobody
   * waits for the disk: reads see what is committed, writes are kept back until `commit` and answer nothing,
   * and what was read is checked again by `changeOne`. The next one may begin as soon as `commit` has sent it.
   */
  readonly appender: (Session & BatchSession) | undefined;
  /** Kysely's compiler and adapter over one of this engine's sessions. */
  createDialect(session: Session): Dialect;
  ping(): Promise<void>;
  /** Overwrites or gives back what deletes left behind in these tables. Runs between transactions. */
  purgeRemains(tables: readonly string[]): Promise<void>;
  /** Runs while the database is in use; writers go on. */
  readSnapshot<Result>(read: (snapshot: Snapshot) => Promise<Result>): Promise<Result>;
  /** Writes a copy of the database in the engine's own format, where it has a single file. */
  readonly copyTo: ((path: string, onProgress?: (fraction: number) => void) => Promise<void>) | undefined;
  close(): Promise<void>;
}
