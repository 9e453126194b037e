import {
  CofferError,
  type Page,
  type SecretQuery,
  type SecretRecord,
  type VersionRecord,
} from '@coffer/contract';
import { toInstant, toInstantOrNull } from '../clock.ts';
import type { Caller } from '../guard/caller.ts';
import { decodeCursor, limitOf, toPage } from '../paging.ts';
import { findSecret, type SecretAddress } from './find.ts';
import { enterPlace, type PlaceName } from './place.ts';
import { toSecretRecords } from './record.ts';

/** Metadata of the secrets of one scope, by name. */
export const listSecrets = async (
  caller: Caller,
  place: PlaceName,
  query: SecretQuery,
): Promise<Page<SecretRecord>> =>
  caller.guard.read(caller, async (reading) => {
    const entered = await enterPlace(reading, place, { intent: 'read' });
    const limit = limitOf(query.limit);
    const after = decodeCursor(query.cursor, 2);
    const rows = await reading.stores.secrets.list(entered.ownerId, {
      deleted: query.deleted === 'true',
      afterName: after?.[0],
      afterId: after?.[1],
      limit: limit + 1,
    });
    const page = toPage(rows, limit, { cursorOf: ({ name, id }) => [name, id], itemOf: (secret) => secret });
    return { items: await toSecretRecords(reading, page.items), nextCursor: page.nextCursor };
  });

/** All metadata of one secret; leaves a trace, as R-256 asks of describe. */
export const getSecret = async (caller: Caller, address: SecretAddress): Promise<SecretRecord> =>
  caller.guard.write(caller, 'secret.describe', async (operation) => {
    const { secret, place } = await findSecret(operation, address, { intent: 'read' });
    operation.record({ secret, agent: place.agent });
    const [record] = await toSecretRecords(operation, [secret]);
    if (record === undefined) throw new CofferError('internal', { detail: 'The secret has no record.' });
    return record;
  });

/** Number, environment, actor, time and kind of change of every version; never a value. */
export const listVersions = async (caller: Caller, address: SecretAddress): Promise<Page<VersionRecord>> =>
  caller.guard.read(caller, async (reading) => {
    const { secret } = await findSecret(reading, address, { intent: 'read' });
    const versions = await reading.stores.secrets.listVersions(secret.id);
    const slots = await reading.stores.secrets.listSlots([secret.id]);
    const current = new Map(slots.map(({ environment, current: number }) => [environment, number]));
    const names = await reading.stores.secrets.nameActors([...new Set(versions.map((one) => one.createdBy))]);
    const items = versions.map((version) => ({
      environment: version.environment,
      version: version.number,
      current: current.get(version.environment) === version.number,
      change: version.change,
      kind: version.kind,
      storage: version.storage,
      createdAt: toInstant(version.createdAt),
      createdBy: names.get(version.createdBy) ?? version.createdBy,
      destroyedAt: toInstantOrNull(version.destroyedAt),
    }));
    return { items, nextCursor: null };
  });
