import { sql } from 'kysely';
import type { SecretStore } from '../domain/secrets/port.ts';
import { insertUnlessTaken } from './insert-unless-taken.ts';
import {
  readCollectable,
  readCollectableVersion,
  readSecret,
  writeSecret,
  writeSecretChange,
} from './secret-rows.ts';
import { prepare, prepareOne } from './prepared-query.ts';
import type { StoreContext } from './store-context.ts';
import { createVersionStore } from './version-store.ts';

export const createSecretStore = (context: StoreContext): SecretStore => {
  const { queries, session } = context;
  const secrets = queries.selectFrom('secret').selectAll('secret');
  const byName = prepareOne(session, (value) =>
    secrets
      .where('ownerId', '=', value('ownerId'))
      .where('name', '=', value('name'))
      .where('deletedAt', 'is', null),
  );
  const ofOwners = prepare(session, (value) =>
    queries
      .selectFrom('secret')
      .leftJoin('valueSlot', (join) =>
        join
          .onRef('valueSlot.secretId', '=', 'secret.id')
          .on('valueSlot.environment', 'in', [value('slot'), value('otherSlot')])
          .on('valueSlot.current', 'is not', null),
      )
      .leftJoin('version', (join) =>
        join
          .onRef('version.secretId', '=', 'valueSlot.secretId')
          .onRef('version.environment', '=', 'valueSlot.environment')
          .onRef('version.number', '=', 'valueSlot.current'),
      )
      .select(['secret.id', 'secret.organizationId', 'secret.scope', 'secret.ownerId', 'secret.name'])
      .select(['secret.kind', 'secret.exposure', 'secret.description', 'secret.neverReveal'])
      .select(['version.environment', 'version.number', 'version.kind as versionKind', 'version.storage'])
      .select(['version.sealed', 'version.generation', 'version.text', 'version.byteLength'])
      .select(['version.placeholder', 'version.preview', 'version.createdAt'])
      .where('secret.ownerId', 'in', [value('agentId'), value('projectId')])
      .where('secret.deletedAt', 'is', null)
      // In the order of the index by owner, or SQLite reads every secret where it has counted one owner only.
      .orderBy('secret.ownerId')
      .orderBy('secret.name'),
  );
  const markWritten = prepare(session, (value) =>
    queries
      .updateTable('secret')
      .set({ updatedAt: value('updatedAt'), updatedBy: value('updatedBy') })
      .where('id', '=', value('id')),
  );
  return {
    ...createVersionStore(context),
    insert: (secret) => insertUnlessTaken(queries.insertInto('secret').values(writeSecret(secret))),
    async find(organizationId, id) {
      const row = await secrets
        .where('id', '=', id as never)
        .where('organizationId', '=', organizationId)
        .executeTakeFirst();
      return row && readSecret(row);
    },
    async findByName(ownerId, name) {
      const row = await byName({ ownerId, name });
      return row && readSecret(row);
    },
    async findDeletedByName(ownerId, name) {
      const row = await secrets
        .where('ownerId', '=', ownerId)
        .where('name', '=', name)
        .where('deletedAt', 'is not', null)
        .orderBy('deletedAt', 'desc')
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && readSecret(row);
    },
    async listCaseVariants(ownerId, name) {
      const rows = await queries
        .selectFrom('secret')
        .select('name')
        .where('ownerId', '=', ownerId)
        .where(sql`lower(name)`, '=', name.toLowerCase())
        .where('name', '!=', name)
        .where('deletedAt', 'is', null)
        .execute();
      return rows.map((row) => row.name).sort();
    },
    async list(ownerId, { deleted, afterName, afterId, limit }) {
      const rows = await secrets
        .where('ownerId', '=', ownerId)
        .where('deletedAt', deleted ? 'is not' : 'is', null)
        .$if(afterName !== undefined, (query) =>
          query.where((eb) =>
            eb(eb.refTuple('name', 'id'), '>', eb.tuple(afterName ?? '', (afterId ?? '') as never)),
          ),
        )
        .orderBy('name')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(readSecret);
    },
    async listNames(ownerId) {
      const rows = await queries
        .selectFrom('secret')
        .select('name')
        .where('ownerId', '=', ownerId)
        .where('deletedAt', 'is', null)
        .orderBy('name')
        .execute();
      return rows.map(({ name }) => name);
    },
    async count(ownerId) {
      const { count } = await queries
        .selectFrom('secret')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('ownerId', '=', ownerId)
        .where('deletedAt', 'is', null)
        .executeTakeFirstOrThrow();
      return count;
    },
    async update(id, change) {
      const set = writeSecretChange(change);
      const { updatedAt, updatedBy, ...rest } = set;
      // A new value changes nothing else of the secret, and that is most of what is written.
      if (updatedAt !== undefined && updatedBy !== undefined && Object.keys(rest).length === 0) {
        await markWritten({ id, updatedAt, updatedBy });
        return;
      }
      if (Object.keys(set).length === 0) return;
      await queries.updateTable('secret').set(set).where('id', '=', id).execute();
    },
    async restore(id) {
      const { numUpdatedRows } = await queries
        .updateTable('secret')
        .set({ deletedAt: null, deletedWithAgent: 0 })
        .where('id', '=', id)
        .where((eb) =>
          eb.not(
            eb.exists(
              eb
                .selectFrom('secret as other')
                .select('other.id')
                .whereRef('other.ownerId', '=', 'secret.ownerId')
                .whereRef('other.name', '=', 'secret.name')
                .where('other.deletedAt', 'is', null),
            ),
          ),
        )
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
    async destroy(id) {
      await queries.deleteFrom('version').where('secretId', '=', id).execute();
      await queries.deleteFrom('valueSlot').where('secretId', '=', id).execute();
      await queries.deleteFrom('secret').where('id', '=', id).execute();
    },
    async listDeletedBefore(before, limit) {
      const rows = await secrets
        .where('deletedAt', '<', before)
        .orderBy('deletedAt')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(readSecret);
    },
    async listDeletedWithAgent(agentId) {
      const rows = await secrets
        .where('ownerId', '=', agentId)
        .where('deletedAt', 'is not', null)
        .where('deletedWithAgent', '=', 1)
        .orderBy('name')
        .orderBy('id')
        .execute();
      return rows.map(readSecret);
    },
    async lastUsed(secretIds) {
      if (secretIds.length === 0) return new Map();
      // The inner query is one step down an index, however many starts a resolution had.
      const rows = await queries
        .selectFrom('resolutionSecret')
        .innerJoin('resolution', 'resolution.id', 'resolutionSecret.resolutionId')
        .select('resolutionSecret.secretId')
        .select((eb) =>
          eb
            .selectFrom('auditEvent')
            .select('auditEvent.at')
            .whereRef('auditEvent.chain', '=', 'resolution.organizationId')
            .whereRef('auditEvent.resolutionId', '=', 'resolution.id')
            .where('auditEvent.resolutionId', 'is not', null)
            .orderBy('auditEvent.sequence', 'desc')
            .limit(1)
            .as('usedAt'),
        )
        .where('resolutionSecret.secretId', 'in', secretIds)
        .execute();
      const newest = new Map<string, number>();
      for (const { secretId, usedAt } of rows)
        if (usedAt !== null) newest.set(secretId, Math.max(usedAt, newest.get(secretId) ?? 0));
      return newest;
    },
    async listForAgent(owners, [slot, otherSlot]) {
      const rows = await ofOwners({ ...owners, slot, otherSlot });
      return rows.map((row) => [readCollectable(row), readCollectableVersion(row)]);
    },
    async nameActors(actorIds) {
      if (actorIds.length === 0) return new Map();
      const ids = actorIds as readonly never[];
      const people = await queries
        .selectFrom('member')
        .innerJoin('person', 'person.id', 'member.personId')
        .select(['member.id', 'person.email as name'])
        .where('member.id', 'in', ids)
        .execute();
      const keys = await queries.selectFrom('apiKey').select(['id', 'name']).where('id', 'in', ids).execute();
      return new Map<string, string>([...people, ...keys].map(({ id, name }) => [id, name]));
    },
  };
};
