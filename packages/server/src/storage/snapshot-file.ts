import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { CofferError } from '../domain/errors.ts';
import { Kysely } from 'kysely';
import { type BulkInsert, createBulkInsert } from './bulk-insert.ts';
import type { Engine, Session, SqlValue } from './engines/engine.ts';
import { StatementFault } from './engines/statement-fault.ts';
import { newestMigration } from './migrate.ts';

/*
 * A snapshot is JSON lines, the same from every engine:
 *   {"format":1,"migration":"0001-initial"}
 *   {"table":"organization","columns":["id","slug",...]}   then one line per row: ["org_...","acme",...]
 *   ... every table in the order of `tableOrder` ...
 *   {"end":true,"rows":1234}
 * Bytes are {"base64":"..."}; nothing else in a row is an object. Sealed values stay sealed in it.
 */
const format = 1;
const rowsPerInsert = 256;

/** Every table, those that others refer to first. */
const tableOrder = [
  'organization',
  'person',
  'member',
  'session',
  'challenge',
  'project',
  'environment',
  'agent',
  'api_key',
  'policy',
  'wrapped_key',
  'secret',
  'version',
  'value_slot',
  'resolution',
  'resolution_secret',
  'workload',
  'audit_head',
  'audit_event',
  'idempotency',
] as const;

type AnyTables = Record<string, Record<string, SqlValue>>;

const openQueries = (engine: Engine, session: Session): Kysely<AnyTables> =>
  new Kysely<AnyTables>({ dialect: engine.createDialect(session) });

const toJson = (value: unknown): unknown =>
  value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value;

const fromJson = (value: unknown): SqlValue => {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'object' && 'base64' in value && typeof value.base64 === 'string')
    return new Uint8Array(Buffer.from(value.base64, 'base64'));
  throw invalid('a row holds something that is no value');
};

const invalid = (detail: string): CofferError =>
  new CofferError('file_invalid', { detail: `The snapshot cannot be read: ${detail}.` });

/** Writes everything but leases into a new file, as one consistent view; returns the number of rows. */
export const exportSnapshot = async (
  engine: Engine,
  path: string,
  onProgress?: (rows: number) => void,
): Promise<number> => {
  const known = await openQueries(engine, engine.reader).introspection.getTables();
  const columnsOf = new Map(known.map(({ name, columns }) => [name, columns.map((column) => column.name)]));
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600 });
  const done = finished(file);
  done.catch(() => undefined);
  const write = async (line: unknown): Promise<void> => {
    if (!file.write(`${JSON.stringify(line)}\n`)) await Promise.race([once(file, 'drain'), done]);
  };
  let rows = 0;
  try {
    await engine.readSnapshot(async (snapshot) => {
      await write({ format, migration: newestMigration });
      for (const table of tableOrder) {
        const columns = columnsOf.get(table) ?? [];
        await write({ table, columns });
        for await (const row of snapshot.readTable(table, columns)) {
          await write(columns.map((column) => toJson(row[column])));
          rows += 1;
          if (rows % rowsPerInsert === 0) onProgress?.(rows);
        }
      }
      await write({ end: true, rows });
    });
    file.end();
    await done;
  } catch (error) {
    file.destroy();
    throw error;
  }
  onProgress?.(rows);
  return rows;
};

const refuseFilled = async (queries: Kysely<AnyTables>): Promise<void> => {
  for (const table of tableOrder) {
    const row = await queries.selectFrom(table).selectAll().limit(1).executeTakeFirst();
    if (row !== undefined)
      throw new CofferError('usage_error', {
        detail: 'The database is not empty, so nothing was imported.',
        hint: 'Import into a new database.',
      });
  }
};

const isTableLine = (line: object): line is { table: (typeof tableOrder)[number]; columns: string[] } =>
  'table' in line && tableOrder.some((table) => table === line.table) && 'columns' in line;

/** Lines end with a line feed and nothing else: text may hold U+2028 and U+2029, at which `readline` splits too. */
async function* readLines(path: string): AsyncGenerator<string> {
  let begun = '';
  for await (const chunk of createReadStream(path, 'utf8')) {
    const [first = '', ...more] = (chunk as string).split('\n');
    begun += first;
    for (const next of more) {
      yield begun;
      begun = next;
    }
  }
  if (begun !== '') yield begun;
}

const insertLines = async (engine: Engine, queries: Kysely<AnyTables>, path: string): Promise<number> => {
  let insert: BulkInsert = () => Promise.reject(invalid('rows come before their table'));
  let gathered: SqlValue[][] = [];
  let rows = 0;
  let first = true;
  let ended = false;
  const flush = async (): Promise<void> => {
    if (gathered.length > 0) await insert(gathered);
    rows += gathered.length;
    gathered = [];
  };
  for await (const text of readLines(path)) {
    const line = parseLine(text);
    if (first) {
      if (!('format' in line) || line.format !== format) throw invalid('its format is not known');
      if (!('migration' in line) || line.migration !== newestMigration)
        throw invalid('it was written by another release');
      first = false;
    } else if (Array.isArray(line)) {
      gathered.push(line.map(fromJson));
      if (gathered.length === rowsPerInsert) await flush();
    } else if (isTableLine(line)) {
      await flush();
      const { table, columns } = line;
      insert = createBulkInsert(engine, { session: engine.writer, queries, table, columns });
    } else if ('end' in line && 'rows' in line) {
      await flush();
      if (line.rows !== rows) throw invalid('rows are missing');
      ended = true;
    } else throw invalid('a line is not of its form');
  }
  if (!ended) throw invalid('its end is missing');
  return rows;
};

const parseLine = (text: string): object => {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    throw invalid('a line is not JSON');
  }
  if (typeof line !== 'object' || line === null) throw invalid('a line is not of its form');
  return line;
};

/** Fills an empty database from a snapshot, all of it or nothing; returns the number of rows. */
export const importSnapshot = async (engine: Engine, path: string): Promise<number> => {
  const queries = openQueries(engine, engine.writer);
  await engine.writer.begin('long');
  try {
    await refuseFilled(queries);
    const rows = await insertLines(engine, queries, path);
    await engine.writer.commit();
    return rows;
  } catch (error) {
    await engine.writer.rollback();
    throw error instanceof StatementFault ? invalid('its rows do not fit together') : error;
  }
};
