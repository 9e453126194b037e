import { sql } from 'kysely';
import type { WrappedKey } from '../domain/keyring/port.ts';
import type { Secret, ValueSlot, Version } from '../domain/secrets/port.ts';
import type { Workload } from '../domain/workloads/port.ts';
import type { SqlValue } from './engines/engine.ts';
import { prepareSizes } from './prepared-query.ts';
import { readSecret } from './secret-rows.ts';
import type { StoreContext } from './store-context.ts';
import { heardAt, isActive, readWorkload } from './workload-store.ts';
import { createWrappedKeyStore } from './wrapped-key-store.ts';
import { joinKey, type Lookup } from './write-behind.ts';

const splitKey = (key: string): readonly [string, string] => {
  const at = key.indexOf('\n');
  return [key.slice(0, at), key.slice(at + 1)];
};

const valuesPerQuery = 256;

/** Groups of at most 256, filled up to a power of two with what nothing has, so that few sizes of statements are in use. */
const groupsOf = <Value>(list: readonly Value[], nothing: Value): readonly (readonly Value[])[] => {
  const groups: Value[][] = [];
  for (let from = 0; from < list.length; from += valuesPerQuery) {
    const group = list.slice(from, from + valuesPerQuery);
    const size = 2 ** Math.ceil(Math.log2(group.length));
    while (group.length < size) group.push(nothing);
    groups.push(group);
  }
  return groups;
};

const named = (list: readonly SqlValue[]): Record<string, SqlValue> => Object.fromEntries(list.entries());

const groupBy = <Row>(rows: Iterable<Row>, keyOf: (row: Row) => string): Map<string, Row[]> => {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
};

/** What writes of secrets look up, for many secrets at once. */
export interface SecretLookups {
  /** By owner and name, among those not deleted. */
  readonly byName: Lookup<Secret | undefined>;
  /** By owner and name in lower case: the names that are written so, in whatever case. */
  readonly caseVariants: Lookup<readonly string[]>;
  readonly slots: Lookup<readonly ValueSlot[]>;
  /** By secret and fingerprint. */
  readonly withFingerprint: Lookup<readonly Pick<Version, 'environment' | 'number'>[]>;
  /** By a secret and an instant: active workloads that were given it, and were heard then or later. */
  readonly holders: Lookup<readonly Workload[]>;
  /** By organization: the newest data key. */
  readonly dataKey: Lookup<WrappedKey | undefined>;
}

/** `onSecret` is told of every secret that is found. */
export const createSecretLookups = (
  context: StoreContext,
  onSecret: (secret: Secret) => void,
): SecretLookups => {
  const { queries, session } = context;
  const wrappedKeys = createWrappedKeyStore(context);
  const list = (value: (name: string) => never, size: number) =>
    Array.from({ length: size }, (_, at) => value(String(at)));
  /** The pairs asked for, as a table: from there each is one step down an index, on both engines. */
  const pairs = (value: (name: string) => never, size: number) => {
    const rows = list(value, size).map((id, at) => sql`(${id}, ${value(`text${at}`)})`);
    return sql<{ column1: string; column2: string }>`(values ${sql.join(rows)})`.as('wanted');
  };
  const secretsByName = prepareSizes(session, (value, size) =>
    queries
      .selectFrom(pairs(value, size))
      .crossJoin('secret')
      .selectAll('secret')
      .whereRef('secret.ownerId', '=', 'wanted.column1')
      .whereRef('secret.name', '=', 'wanted.column2')
      .where('secret.deletedAt', 'is', null),
  );
  const namesByCase = prepareSizes(session, (value, size) =>
    queries
      .selectFrom(pairs(value, size))
      .crossJoin('secret')
      .select(['secret.ownerId', 'secret.name'])
      .whereRef('secret.ownerId', '=', 'wanted.column1')
      .whereRef(sql`lower(secret.name)`, '=', 'wanted.column2')
      .where('secret.deletedAt', 'is', null)
      .orderBy('secret.name'),
  );
  const slotsOf = prepareSizes(session, (value, size) =>
    queries
      .selectFrom('valueSlot')
      .select(['secretId', 'environment', 'current', 'last', 'oldest'])
      .where('secretId', 'in', list(value, size))
      .orderBy('secretId')
      .orderBy('environment'),
  );
  const versionsWithFingerprint = prepareSizes(session, (value, size) =>
    queries
      .selectFrom(pairs(value, size))
      .crossJoin('version')
      .select(['version.secretId', 'version.fingerprint', 'version.environment', 'version.number'])
      .whereRef('version.secretId', '=', 'wanted.column1')
      .whereRef('version.fingerprint', '=', 'wanted.column2')
      .where('version.fingerprint', 'is not', null)
      .orderBy('version.secretId')
      .orderBy('version.environment')
      .orderBy('version.number'),
  );
  const holdersOf = prepareSizes(session, (value, size) =>
    queries
      .selectFrom('workload')
      .innerJoin('resolutionSecret', 'resolutionSecret.resolutionId', 'workload.resolutionId')
      .selectAll('workload')
      .select('resolutionSecret.secretId as heldSecretId')
      .where('resolutionSecret.secretId', 'in', list(value, size))
      // From the index of active workloads alone, however many others the resolutions had.
      .where('workload.id', 'in', (eb) =>
        eb
          .selectFrom('workload as active')
          .select('active.id')
          .where('active.resolutionId', 'in', (inner) =>
            inner
              .selectFrom('resolutionSecret as held')
              .select('held.resolutionId')
              .where('held.secretId', 'in', list(value, size)),
          )
          .where(isActive),
      )
      .where(heardAt, '>=', value('heardSince'))
      .orderBy('workload.id'),
  );

  /** Runs a query of pairs for all of these keys. */
  const ofPairs = async <Row>(
    keys: readonly string[],
    queryOf: (size: number) => (values: Readonly<Record<string, SqlValue>>) => Promise<readonly Row[]>,
  ): Promise<readonly Row[]> => {
    const found = await Promise.all(
      groupsOf(keys.map(splitKey), ['', '']).map((group) => {
        const texts = group.map(([, text], at) => [`text${at}`, text] as const);
        return queryOf(group.length)({ ...named(group.map(([id]) => id)), ...Object.fromEntries(texts) });
      }),
    );
    return found.flat();
  };

  return {
    byName: {
      absent: undefined,
      async find(keys) {
        const secrets = (await ofPairs(keys, secretsByName)).map(readSecret);
        secrets.forEach(onSecret);
        return new Map(secrets.map((secret) => [joinKey(secret.ownerId, secret.name), secret]));
      },
    },
    caseVariants: {
      absent: [],
      async find(keys) {
        const rows = await ofPairs(keys, namesByCase);
        const alike = groupBy(rows, ({ ownerId, name }) => joinKey(ownerId, name.toLowerCase()));
        return new Map([...alike].map(([key, found]) => [key, found.map(({ name }) => name)]));
      },
    },
    slots: {
      absent: [],
      async find(secretIds) {
        const found = await Promise.all(
          groupsOf(secretIds, '').map((ids) => slotsOf(ids.length)(named(ids))),
        );
        return groupBy(found.flat(), ({ secretId }) => secretId);
      },
    },
    withFingerprint: {
      absent: [],
      async find(keys) {
        const rows = await ofPairs(keys, versionsWithFingerprint);
        const groups = groupBy(rows, (row) => joinKey(row.secretId, row.fingerprint ?? ''));
        return new Map(
          [...groups].map(([key, rows]) => [
            key,
            rows.map(({ environment, number }) => ({ environment, number })),
          ]),
        );
      },
    },
    holders: {
      absent: [],
      async find(keys) {
        const asked = keys.map((key) => ({ key, of: splitKey(key) }));
        // Of the same minute, but where one ends just now; whoever asked looks at the instant again.
        const heardSince = Math.min(...asked.map(({ of: [, instant] }) => Number(instant)));
        const secretIds = asked.map(({ of: [secretId] }) => secretId);
        const found = await Promise.all(
          groupsOf(secretIds, '').map((ids) => holdersOf(ids.length)({ ...named(ids), heardSince })),
        );
        const held = found
          .flat()
          .map(({ heldSecretId, ...row }) => ({ heldSecretId, workload: readWorkload(row) }));
        const groups = groupBy(held, ({ heldSecretId }) => heldSecretId);
        return new Map(
          asked.map(({ key, of: [secretId] }) => {
            const rows = groups.get(secretId) ?? [];
            const once = new Map(rows.map(({ workload }) => [workload.id, workload]));
            return [key, [...once.values()]];
          }),
        );
      },
    },
    dataKey: {
      absent: undefined,
      async find(organizationIds) {
        const found = await Promise.all(
          organizationIds.map(async (id) => [id, await wrappedKeys.findCurrent(id, 'data')] as const),
        );
        return new Map(found);
      },
    },
  };
};
