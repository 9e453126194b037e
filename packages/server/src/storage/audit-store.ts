import { sql, type ExpressionBuilder } from 'kysely';
import { isId } from '../domain/ids.ts';
import type {
  AuditEvent,
  AuditFilter,
  AuditStore,
  Head,
  Resolution,
  ResolvedSecret,
} from '../domain/audit/port.ts';
import { auditEventColumns, writeAuditEvent } from './audit-event-row.ts';
import { createBulkInsert } from './bulk-insert.ts';
import { prepareOne } from './prepared-query.ts';
import type { StoreContext } from './store-context.ts';
import type { Tables } from './tables.ts';

type HeadRow = Omit<Head, 'accessChanges'> & { readonly access_changes: number };

const readHead = ({ access_changes: accessChanges, ...head }: HeadRow): Head => ({ ...head, accessChanges });

/** One head by chain, as SQL: both run with every batch. */
const compileHeads = ({ queries, session, engine }: StoreContext) => {
  const select = queries
    .selectFrom('auditHead')
    .select(['chain', 'sequence', 'mac', 'changes', 'accessChanges']);
  const oneHead = select.where('chain', '=', '').compile().sql + engine.rowLock;
  const none = new Uint8Array();
  // A head that this batch created inside a job that failed is gone again; writing it makes it anew.
  const saveFirst = queries
    .insertInto('auditHead')
    .values({ chain: '', sequence: 0, mac: none, changes: 0, accessChanges: 0 })
    .onConflict((conflict) =>
      conflict
        .column('chain')
        .doUpdateSet((eb) => ({
          sequence: eb.ref('excluded.sequence'),
          mac: eb.ref('excluded.mac'),
          changes: eb.ref('excluded.changes'),
          accessChanges: eb.ref('excluded.accessChanges'),
        }))
        .where('auditHead.sequence', '=', 0)
        .where('auditHead.changes', '=', 0)
        .where('auditHead.mac', '=', none),
    )
    .compile().sql;
  const save = queries
    .updateTable('auditHead')
    .set({ sequence: 0, mac: none, changes: 0, accessChanges: 0 })
    .where('chain', '=', '')
    .where('sequence', '=', 0)
    .where('changes', '=', 0)
    .where('mac', '=', none)
    .compile().sql;
  return {
    lock: async (chains: readonly string[]): Promise<readonly Head[]> => {
      const heads: Head[] = [];
      // In order, so that two transactions that need the same heads never wait for each other.
      for (const chain of [...chains].sort()) {
        const { rows } = await session.execute(oneHead, [chain]);
        // The columns are those selected above.
        heads.push(...(rows as readonly unknown[] as HeadRow[]).map(readHead));
      }
      return heads;
    },
    save: ({ chain, sequence, mac, changes, accessChanges }: Head, before: Head): Promise<void> => {
      const read = [before.sequence, before.changes, before.mac];
      return before.sequence === 0 && before.changes === 0
        ? session.changeOne(saveFirst, [chain, sequence, mac, changes, accessChanges, ...read])
        : session.changeOne(save, [sequence, mac, changes, accessChanges, chain, ...read]);
    },
  };
};

/** Actors by id, email or name of a key; found first, so that the index by actor serves. */
const findActors = async ({ queries }: StoreContext, chain: string, actor: string): Promise<string[]> => {
  const members = await queries
    .selectFrom('member')
    .innerJoin('person', 'person.id', 'member.personId')
    .select('member.id')
    .where('person.email', '=', actor)
    .where('member.organizationId', '=', chain as never)
    .execute();
  const keys = await queries
    .selectFrom('apiKey')
    .select('id')
    .where('organizationId', '=', chain as never)
    .where('name', '=', actor)
    .execute();
  return [actor, ...members.map(({ id }) => id), ...keys.map(({ id }) => id)];
};

/**
 * Events that are found by the name of what they are about: of names that belong to no secret, and of the first
 * version of each secret. A name never changes and every secret has a first version, so these lead from a name
 * to the ids that all other events are indexed by.
 */
const isFoundByName = (eb: ExpressionBuilder<Tables, 'auditEvent'>) =>
  eb.and([eb('secretName', 'is not', null), sql<boolean>`(secret_id is null or version = 1)`]);

/** The events of a secret's own, by id or name, and those of starts that were given it. */
const findAboutSecret = async ({ queries }: StoreContext, chain: string, secret: string) => {
  const named = isId('secret', secret)
    ? undefined
    : await queries
        .selectFrom('auditEvent')
        .select('secretId')
        .distinct()
        .where('chain', '=', chain)
        .where('secretName', '=', secret)
        .where(isFoundByName)
        .where('secretId', 'is not', null)
        .$narrowType<{ secretId: never }>()
        .execute();
  const ids = named?.map(({ secretId }) => secretId) ?? [secret];
  const given = queries
    .selectFrom('resolutionSecret')
    .innerJoin('resolution', 'resolution.id', 'resolutionSecret.resolutionId')
    .select('resolutionSecret.resolutionId')
    .where('resolution.organizationId', '=', chain)
    .where('resolutionSecret.secretId', 'in', ids);
  return (eb: ExpressionBuilder<Tables, 'auditEvent'>) =>
    eb.or([
      ...(ids.length === 0 ? [] : [eb('secretId', 'in', ids), eb('resolutionId', 'in', given)]),
      ...(named === undefined
        ? []
        : [eb.and([eb('secretName', '=', secret), eb('secretId', 'is', null), isFoundByName(eb)])]),
    ]);
};

const listEvents = async (context: StoreContext, filter: AuditFilter): Promise<readonly AuditEvent[]> => {
  const { chain, secret, actor, order = 'newest', afterSequence } = filter;
  let query = context.queries.selectFrom('auditEvent').selectAll().where('chain', '=', chain);
  if (secret !== undefined) query = query.where(await findAboutSecret(context, chain, secret));
  if (actor !== undefined) query = query.where('actorId', 'in', await findActors(context, chain, actor));
  if (filter.agentId !== undefined) query = query.where('agentId', '=', filter.agentId);
  if (filter.environment !== undefined) query = query.where('environment', '=', filter.environment);
  if (filter.action !== undefined) query = query.where('action', '=', filter.action);
  if (filter.outcome !== undefined) query = query.where('outcome', '=', filter.outcome);
  if (filter.since !== undefined) query = query.where('at', '>=', filter.since);
  if (filter.until !== undefined) query = query.where('at', '<', filter.until);
  if (afterSequence !== undefined)
    query = query.where('sequence', order === 'newest' ? '<' : '>', afterSequence);
  return query
    .orderBy('sequence', order === 'newest' ? 'desc' : 'asc')
    .limit(filter.limit)
    .execute();
};

const secretColumns = ['name', 'secretId', 'environment', 'version', 'source'] as const;

export const createAuditStore = (context: StoreContext): AuditStore => {
  const { queries, session, engine } = context;
  const heads = compileHeads(context);
  const insertEvents = createBulkInsert(engine, {
    session,
    queries,
    table: 'auditEvent',
    columns: auditEventColumns,
  });
  const insertResolutions = createBulkInsert(engine, {
    session,
    queries,
    table: 'resolution',
    columns: ['id', 'organizationId', 'digest'],
  });
  const insertResolutionSecrets = createBulkInsert(engine, {
    session,
    queries,
    table: 'resolutionSecret',
    columns: ['resolutionId', 'position', ...secretColumns],
  });

  const head = prepareOne(session, (value) =>
    queries.selectFrom('auditHead').selectAll().where('chain', '=', value('chain')),
  );
  const resolutionByDigest = prepareOne(session, (value) =>
    queries
      .selectFrom('resolution')
      .select('id')
      .where('organizationId', '=', value('organizationId'))
      .where('digest', '=', value('digest')),
  );

  const withSecrets = async (
    resolutions: readonly Omit<Resolution, 'secrets'>[],
  ): Promise<readonly Resolution[]> => {
    if (resolutions.length === 0) return [];
    const rows = await queries
      .selectFrom('resolutionSecret')
      .select(['resolutionId', ...secretColumns])
      .where(
        'resolutionId',
        'in',
        resolutions.map(({ id }) => id),
      )
      .orderBy('resolutionId')
      .orderBy('position')
      .execute();
    const secrets = new Map<string, ResolvedSecret[]>(resolutions.map(({ id }) => [id, []]));
    for (const { resolutionId, ...secret } of rows) secrets.get(resolutionId)?.push(secret);
    return resolutions.map((resolution) => ({ ...resolution, secrets: secrets.get(resolution.id) ?? [] }));
  };

  return {
    async createHead(head) {
      await queries.insertInto('auditHead').values(head).execute();
    },
    lockHeads: heads.lock,
    saveHead: heads.save,
    findHead: (chain) => head({ chain }),
    listHeads: () => queries.selectFrom('auditHead').selectAll().orderBy('chain').execute(),
    append: (events) => insertEvents(events.map(writeAuditEvent)),
    list: (filter) => listEvents(context, filter),
    listChain: (chain, afterSequence, limit) =>
      queries
        .selectFrom('auditEvent')
        .selectAll()
        .where('chain', '=', chain)
        .where('sequence', '>', afterSequence)
        .orderBy('sequence')
        .limit(limit)
        .execute(),
    async insertResolutions(resolutions) {
      const secrets = resolutions.flatMap(({ id, secrets }) =>
        secrets.map((secret, position) => [id, position, ...secretColumns.map((name) => secret[name])]),
      );
      await Promise.all([
        insertResolutions(resolutions.map(({ id, organizationId, digest }) => [id, organizationId, digest])),
        insertResolutionSecrets(secrets),
      ]);
    },
    findResolutionId: async (organizationId, digest) =>
      (await resolutionByDigest({ organizationId, digest }))?.id,
    async listResolutions(ids) {
      if (ids.length === 0) return [];
      return withSecrets(await queries.selectFrom('resolution').selectAll().where('id', 'in', ids).execute());
    },
  };
};
