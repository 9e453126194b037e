import { createOrganization as create } from '@coffer/server';
import type { TestServer } from './server.ts';

/** A further organization, as the first start makes its own; returns its id. */
export const createOrganization = async (
  { server }: TestServer,
  organization: { slug: string; ownerEmail: string },
): Promise<string> => {
  const { database, guard } = server.house;
  return database.commit(async (stores) =>
    create(stores, guard.keyring, { ...organization, name: organization.slug, now: guard.clock.now() }),
  );
};
