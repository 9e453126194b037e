import type { Secret } from '../domain/secrets/port.ts';
import type { Stores } from '../domain/stores.ts';
import { createSecretLookups } from './secret-lookups.ts';
import { createSecretShelves } from './secret-shelves.ts';
import type { StoreContext } from './store-context.ts';
import type { WriteBehind } from './write-behind.ts';

const rememberedSecrets = 10_000;

/**
 * The same stores, but for what writes of secrets use most: their rows are kept back and looked up
 * together with those of the other jobs of a batch. `context` is of the session below `behind`.
 */
export const keepSecretsBehind = (stores: Stores, behind: WriteBehind, context: StoreContext): Stores => {
  const shelves = createSecretShelves(context);
  /** Where a secret is looked up by name, and whose it is. Neither ever changes. */
  const places = new Map<string, Pick<Secret, 'ownerId' | 'name' | 'organizationId'>>();
  const placeSecret = ({ id, ownerId, name, organizationId }: Secret) => {
    if (places.size >= rememberedSecrets) places.clear();
    places.set(id, { ownerId, name, organizationId });
  };
  const lookups = createSecretLookups(context, placeSecret);
  const { secrets, workloads, wrappedKeys } = stores;
  return {
    ...stores,
    secrets: {
      ...secrets,
      findByName: (ownerId, name) => behind.ask(lookups.byName, ownerId, name),
      async listCaseVariants(ownerId, name) {
        const names = await behind.ask(lookups.caseVariants, ownerId, name.toLowerCase());
        return names.filter((other) => other !== name);
      },
      async insert(secret) {
        const { ownerId, name } = secret;
        if ((await behind.ask(lookups.byName, ownerId, name)) !== undefined) return false;
        placeSecret(secret);
        behind.forget(lookups.byName, ownerId, name);
        behind.forget(lookups.caseVariants, ownerId, name.toLowerCase());
        behind.know(lookups.slots, secret.id, []);
        await behind.keep(shelves.secrets, secret);
        return true;
      },
      async update(id, change) {
        const { updatedAt, updatedBy, ...rest } = change;
        const place = places.get(id);
        if (place === undefined || updatedAt === undefined || updatedBy === undefined) {
          await secrets.update(id, change);
          return;
        }
        if (Object.keys(rest).length > 0) {
          await secrets.update(id, change);
          return;
        }
        behind.forget(lookups.byName, place.ownerId, place.name);
        await behind.keep(shelves.writers, { id, updatedAt, updatedBy });
      },
      listSlots(secretIds) {
        const [secretId] = secretIds;
        return secretIds.length === 1 && secretId !== undefined
          ? behind.ask(lookups.slots, secretId)
          : secrets.listSlots(secretIds);
      },
      saveSlot(slot) {
        const place = places.get(slot.secretId);
        if (place === undefined) return secrets.saveSlot(slot);
        behind.forget(lookups.slots, slot.secretId);
        return behind.keep(shelves.slots, { ...slot, organizationId: place.organizationId });
      },
      listWithFingerprint: (secretId, fingerprint) =>
        behind.ask(lookups.withFingerprint, secretId, fingerprint),
      insertVersion(version) {
        const place = places.get(version.secretId);
        if (place === undefined) return secrets.insertVersion(version);
        behind.forget(lookups.withFingerprint, version.secretId);
        return behind.keep(shelves.versions, { ...version, organizationId: place.organizationId });
      },
      destroyVersions(versions, at) {
        behind.forget(lookups.withFingerprint, versions.secretId);
        return behind.keep(shelves.destroyed, { ...versions, at });
      },
    },
    workloads: {
      ...workloads,
      insert(started) {
        behind.forgetAll(lookups.holders);
        return workloads.insert(started);
      },
      listActiveWithSecret: (secretId, heardSince) =>
        behind.ask(lookups.holders, secretId, String(heardSince)),
    },
    wrappedKeys: {
      ...wrappedKeys,
      findCurrent: (organizationId, purpose) =>
        purpose === 'data'
          ? behind.ask(lookups.dataKey, organizationId)
          : wrappedKeys.findCurrent(organizationId, purpose),
      // The limit is far below where a batch more would matter, so the key that is known stays known.
      addSeals: (id, count) => behind.keep(shelves.seals, { id, count }),
    },
  };
};
