import type { CompiledQuery } from 'kysely';
import type { Session, SqlValue } from './engines/engine.ts';

/** A query that Kysely can write out; what it returns is known by its own types. */
interface Compilable<Row> {
  compile(): CompiledQuery<Row>;
}

type Values = Readonly<Record<string, SqlValue>>;
type StandIns = (name: string) => never;

/** Stands in a query for the value of this name. */
class StandIn {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

const toCamelCase = (column: string): string =>
  column.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/**
 * A query that is written out once, at its first use, as building one with Kysely costs more than running
 * it. `build` gets a stand-in for each named value: `prepare(session, (value) =>
 * queries.selectFrom('agent').where('id', '=', value('id')))({ id })`.
 */
export const prepare = <Row>(
  session: Session,
  build: (value: StandIns) => Compilable<Row>,
): ((values: Values) => Promise<readonly Row[]>) => {
  let compiled: CompiledQuery<Row> | undefined;
  /** Every row of a query has the same columns, so they are named once. */
  let names: readonly { readonly column: string; readonly name: string }[] | undefined;
  return async (values) => {
    // A stand-in passes for any value while the query is built, and is replaced before it runs.
    compiled ??= build((name) => new StandIn(name) as never).compile();
    const parameters = compiled.parameters.map((parameter) =>
      parameter instanceof StandIn ? (values[parameter.name] ?? null) : (parameter as SqlValue),
    );
    const { rows } = await session.execute(compiled.sql, parameters);
    const [first] = rows;
    if (first === undefined) return [];
    const renames = (names ??= Object.keys(first).map((column) => ({ column, name: toCamelCase(column) })));
    return rows.map((row) => {
      const renamed: Record<string, unknown> = {};
      for (const { column, name } of renames) renamed[name] = row[column];
      // The columns are those of the query's own row type.
      return renamed as Row;
    });
  };
};

/** The same where one row at most is meant. */
export const prepareOne = <Row>(
  session: Session,
  build: (value: StandIns) => Compilable<Row>,
): ((values: Values) => Promise<Row | undefined>) => {
  const run = prepare(session, build);
  return async (values) => (await run(values))[0];
};

/** The same for so many values: a statement for each number of them that is asked for. */
export const prepareSizes = <Row>(
  session: Session,
  build: (value: StandIns, size: number) => Compilable<Row>,
): ((size: number) => (values: Values) => Promise<readonly Row[]>) => {
  const bySize = new Map<number, (values: Values) => Promise<readonly Row[]>>();
  return (size) => {
    const run = bySize.get(size) ?? prepare(session, (value) => build(value, size));
    bySize.set(size, run);
    return run;
  };
};

const keptLengths = 100;

/** The same for a list of values, each length of which is a statement of its own. */
export const prepareForList = <Row>(
  session: Session,
  build: (list: readonly never[]) => Compilable<Row>,
): ((list: readonly SqlValue[]) => Promise<readonly Row[]>) => {
  const byLength = new Map<number, (values: Values) => Promise<readonly Row[]>>();
  return (list) => {
    const run =
      byLength.get(list.length) ?? prepare(session, (value) => build(list.map((_, at) => value(String(at)))));
    if (list.length <= keptLengths) byLength.set(list.length, run);
    return run(Object.fromEntries(list.entries()));
  };
};
