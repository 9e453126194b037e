import { CofferError, type OrganizationId } from '@coffer/contract';
import type { Guard } from '../domain/guard/guard.ts';
import type { SealedPlace } from '../domain/secrets/port.ts';
import { resealVersions, type SkippedVersion } from '../domain/secrets/reseal.ts';

const batch = 200;

export interface ResealProgress {
  readonly organizationId: string;
  readonly done: number;
  readonly total: number;
}

export interface ResealReport {
  readonly onProgress: (progress: ResealProgress) => void;
  /** A version that does not open and was left as it is; told once it is certain. */
  readonly onSkipped: (skipped: SkippedVersion) => void;
}

/** Seals every value of an organization under its newest data key again; resumes where it was stopped. */
const resealOrganization = async (
  guard: Guard,
  organizationId: OrganizationId,
  report: ResealReport,
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
  // What is sealed again is listed no more. Only what is not has to be gone past, in an order.
  let page: { inOrder: boolean; after: SealedPlace | undefined } = { inOrder: false, after: undefined };
  for (;;) {
    const asked = page;
    const { sealed, skipped, next } = await database.commit(
      async (stores, ledger) => {
        // Locks the chain: no other replica destroys or changes a version between its reading and its writing.
        await ledger.open(organizationId);
        return resealVersions({ stores, keyring }, { organizationId, generation, ...asked, limit: batch });
      },
      { chains: [organizationId] },
    );
    done += sealed;
    report.onProgress({ organizationId, done, total: Math.max(total, done) });
    if (!asked.inOrder && skipped.length > 0) {
      // They come again, from the beginning.
      page = { inOrder: true, after: undefined };
      continue;
    }
    for (const one of skipped) report.onSkipped(one);
    if (next === undefined) break;
    page = { ...asked, after: asked.inOrder ? next : undefined };
  }
  await retireOlder(guard, organizationId, generation);
  if (done > 0) await database.purgeRemains();
};

/** All older data keys but those that a version which does not open is still under. */
const retireOlder = async (
  guard: Guard,
  organizationId: OrganizationId,
  generation: number,
): Promise<void> => {
  await guard.database.commit(async (stores) => {
    for (let older = generation - 1; older >= 1; older -= 1) {
      const key = await stores.wrappedKeys.find(organizationId, 'data', older);
      if (key === undefined || key.retiredAt !== null) continue;
      const [below, upTo] = [
        await stores.secrets.countSealedBefore(organizationId, older),
        await stores.secrets.countSealedBefore(organizationId, older + 1),
      ];
      if (below < upTo) continue;
      await stores.wrappedKeys.retire(key.id, guard.clock.now());
    }
  });
};

/**
 * Brings every organization's values under its newest data key, but those that do not open. An organization
 * whose newest data key does not open stops no other one: its `key_unreadable` is thrown at the end.
 */
export const resealAll = async (guard: Guard, report: ResealReport): Promise<void> => {
  const organizations = await guard.database.read(async (stores) => stores.organizations.list());
  let failure: CofferError | undefined;
  for (const { id } of organizations) {
    try {
      await resealOrganization(guard, id, report);
    } catch (error) {
      if (!(error instanceof CofferError && error.code === 'key_unreadable')) throw error;
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
};
