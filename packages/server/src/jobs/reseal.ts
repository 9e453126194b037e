import type { OrganizationId } from '@coffer/contract';
import { seal } from '@coffer/crypto';
import { bindingOf, openVersion } from '../domain/secrets/value.ts';
import type { OpenHouse } from '../house.ts';

const batch = 200;

export interface ResealProgress {
  readonly organizationId: string;
  readonly done: number;
  readonly total: number;
}

/** Seals every value of an organization under its newest data key again; resumes where it was stopped. */
const resealOrganization = async (
  house: OpenHouse,
  organizationId: OrganizationId,
  onProgress: (progress: ResealProgress) => void,
): Promise<void> => {
  const { database, guard } = house;
  const { keyring } = guard;
  const current = await database.read(async (stores) =>
    stores.wrappedKeys.findCurrent(organizationId, 'data'),
  );
  if (current === undefined || current.generation === 1) return;
  const { generation } = current;
  const total = await database.read(async (stores) =>
    stores.secrets.countSealedBefore(organizationId, generation),
  );
  let done = 0;
  for (;;) {
    const count = await database.commit(async (stores) => {
      const versions = await stores.secrets.listSealedBefore(organizationId, generation, batch);
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
    });
    done += count;
    onProgress({ organizationId, done, total: Math.max(total, done) });
    if (count < batch) break;
  }
  await retireOlder(house, organizationId, generation);
};

const retireOlder = async (
  house: OpenHouse,
  organizationId: OrganizationId,
  generation: number,
): Promise<void> => {
  const { database, guard } = house;
  await database.commit(async (stores) => {
    for (let older = generation - 1; older >= 1; older -= 1) {
      const key = await stores.wrappedKeys.find(organizationId, 'data', older);
      if (key === undefined || key.retiredAt !== null) return;
      await stores.wrappedKeys.retire(key.id, guard.clock.now());
    }
  });
};

/** Brings every organization's values under its newest data key. */
export const resealAll = async (
  house: OpenHouse,
  options: { onProgress: (progress: ResealProgress) => void },
): Promise<void> => {
  const organizations = await house.database.read(async (stores) => stores.organizations.list());
  for (const { id } of organizations) await resealOrganization(house, id, options.onProgress);
};
