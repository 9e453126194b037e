import type { OrganizationId } from '@coffer/contract';
import type { Guard } from '../domain/guard/guard.ts';
import { resealVersions } from '../domain/secrets/reseal.ts';

const batch = 200;

export interface ResealProgress {
  readonly organizationId: string;
  readonly done: number;
  readonly total: number;
}

/** Seals every value of an organization under its newest data key again; resumes where it was stopped. */
const resealOrganization = async (
  guard: Guard,
  organizationId: OrganizationId,
  onProgress: (progress: ResealProgress) => void,
): Promise<void> => {
  const { database, keyring } = guard;
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
    const count = await database.commit(
      async (stores, ledger) => {
        // Locks the chain: no other replica destroys or changes a version between its reading and its writing.
        await ledger.open(organizationId);
        return resealVersions({ stores, keyring }, { organizationId, generation, limit: batch });
      },
      { chains: [organizationId] },
    );
    done += count;
    onProgress({ organizationId, done, total: Math.max(total, done) });
    if (count < batch) break;
  }
  await retireOlder(guard, organizationId, generation);
  if (done > 0) await database.purgeRemains();
};

const retireOlder = async (
  guard: Guard,
  organizationId: OrganizationId,
  generation: number,
): Promise<void> => {
  await guard.database.commit(async (stores) => {
    for (let older = generation - 1; older >= 1; older -= 1) {
      const key = await stores.wrappedKeys.find(organizationId, 'data', older);
      if (key === undefined || key.retiredAt !== null) return;
      await stores.wrappedKeys.retire(key.id, guard.clock.now());
    }
  });
};

/** Brings every organization's values under its newest data key. */
export const resealAll = async (
  guard: Guard,
  options: { onProgress: (progress: ResealProgress) => void },
): Promise<void> => {
  const organizations = await guard.database.read(async (stores) => stores.organizations.list());
  for (const { id } of organizations) await resealOrganization(guard, id, options.onProgress);
};
