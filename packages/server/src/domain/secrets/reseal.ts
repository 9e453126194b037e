import type { OrganizationId } from '@coffer/contract';
import { seal } from '@coffer/crypto';
import type { Keyring } from '../keyring/keyring.ts';
import type { Stores } from '../stores.ts';
import { bindingOf, openVersion } from './value.ts';

/** Seals the next values that are under an older data key again under this one; returns how many there were. */
export const resealVersions = async (
  parts: { stores: Stores; keyring: Keyring },
  which: { organizationId: OrganizationId; generation: number; limit: number },
): Promise<number> => {
  const { stores, keyring } = parts;
  const { organizationId, generation, limit } = which;
  const versions = await stores.secrets.listSealedBefore(organizationId, generation, limit);
  const key = await keyring.dataKey(stores, organizationId, generation);
  for (const { secret, ...version } of versions) {
    const old = await keyring.dataKey(stores, organizationId, version.generation ?? 0);
    const opened = openVersion(secret, version, old);
    const sealed = seal(key, opened, bindingOf(secret, version.environment, version.number));
    opened.wipe();
    await stores.secrets.replaceStored({ ...version, sealed, generation });
  }
  await keyring.countSeals(stores, key, versions.length);
  return versions.length;
};
