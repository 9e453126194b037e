import type { Whoami } from '@coffer/contract';
import type { Caller } from '../guard/caller.ts';
import { describeKey } from '../keys/manage.ts';

/** Ends the caller's own session, on every replica with its next request. */
export const logout = async (caller: Caller): Promise<void> => {
  if (caller.type !== 'person') return;
  const { guard, personId, sessionId } = caller;
  const foreseen = await guard.database.read(async (stores) => stores.members.listOfPerson(personId));
  await guard.database.commit(
    async (stores, ledger) => {
      await stores.sessions.revoke(sessionId, guard.clock.now());
      for (const { organizationId } of await stores.members.listOfPerson(personId)) {
        await ledger.open(organizationId);
        ledger.bumpAccess(organizationId);
      }
    },
    { chains: foreseen.map(({ organizationId }) => organizationId) },
  );
};

export const whoami = async (caller: Caller): Promise<Whoami> =>
  caller.guard.read(caller, async (reading) => {
    reading.allowOwn();
    const own = reading.caller;
    const memberships = own.type === 'person' ? await reading.stores.members.listOfPerson(own.personId) : [];
    const organization =
      own.organizationId === null ? null : { id: own.organizationId, slug: own.organizationSlug ?? '' };
    return {
      type: own.type === 'key' ? 'key' : 'person',
      email: own.type === 'person' ? own.email : null,
      organization,
      organizations: memberships.map(({ organizationId, organizationSlug, role }) => ({
        id: organizationId,
        slug: organizationSlug,
        role,
      })),
      role: 'member' in own ? (own.member?.role ?? null) : null,
      key: own.type === 'key' ? await describeKey(reading, { ...own, id: own.keyId }) : null,
    };
  });
