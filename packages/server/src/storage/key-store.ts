import type { Right } from '../domain/words.ts';
import type { Selectable } from 'kysely';
import type { ApiKey, KeyStore } from '../domain/keys/port.ts';
import { readJson, writeJson } from './json-columns.ts';
import type { StoreContext } from './store-context.ts';
import type { ApiKeyTable } from './tables.ts';

const readKey = (row: Selectable<ApiKeyTable>): ApiKey => ({
  ...row,
  environments: row.environments === null ? null : (readJson(row.environments) as readonly string[]),
  rights: readJson(row.rights) as readonly Right[],
});

export const createKeyStore = ({ queries }: StoreContext): KeyStore => ({
  async insert(key) {
    await queries
      .insertInto('apiKey')
      .values({
        ...key,
        environments: key.environments === null ? null : writeJson(key.environments),
        rights: writeJson(key.rights),
      })
      .execute();
  },
  async findByTokenHash(tokenHash) {
    const row = await queries
      .selectFrom('apiKey')
      .selectAll()
      .where('tokenHash', '=', tokenHash)
      .executeTakeFirst();
    return row && readKey(row);
  },
  async find(organizationId, id) {
    const row = await queries
      .selectFrom('apiKey')
      .selectAll()
      .where('organizationId', '=', organizationId)
      .where('id', '=', id as never)
      .executeTakeFirst();
    return row && readKey(row);
  },
  async list(organizationId, { makerId, before, limit }) {
    const rows = await queries
      .selectFrom('apiKey')
      .selectAll()
      .where('organizationId', '=', organizationId)
      .$if(makerId !== undefined, (query) => query.where('makerId', '=', makerId as never))
      .$if(before !== undefined, (query) => query.where('id', '<', before as never))
      .orderBy('id', 'desc')
      .limit(limit)
      .execute();
    return rows.map(readKey);
  },
  async revoke(id, at) {
    const found = await queries
      .withRecursive('made(id)', (db) =>
        db
          .selectFrom('apiKey')
          .select('apiKey.id')
          .where('apiKey.id', '=', id)
          .unionAll(
            db.selectFrom('apiKey').innerJoin('made', 'made.id', 'apiKey.madeByKeyId').select('apiKey.id'),
          ),
      )
      .selectFrom('apiKey')
      .innerJoin('made', 'made.id', 'apiKey.id')
      .select('apiKey.id')
      .where('apiKey.revokedAt', 'is', null)
      .orderBy('apiKey.id')
      .execute();
    const ids = found.map((row) => row.id);
    if (ids.length > 0)
      await queries.updateTable('apiKey').set({ revokedAt: at }).where('id', 'in', ids).execute();
    return ids;
  },
  async revokeOfMaker(makerId, at) {
    await queries
      .updateTable('apiKey')
      .set({ revokedAt: at })
      .where('makerId', '=', makerId)
      .where('revokedAt', 'is', null)
      .execute();
  },
  async touch(uses) {
    for (const [id, at] of uses)
      await queries
        .updateTable('apiKey')
        .set({ lastUsedAt: at })
        .where('id', '=', id)
        .where((eb) => eb.or([eb('lastUsedAt', 'is', null), eb('lastUsedAt', '<', at)]))
        .execute();
  },
});
