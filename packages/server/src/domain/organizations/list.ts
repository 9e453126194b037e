import { CofferError, type OrganizationRecord, type Page } from '@coffer/contract';
import { toInstant } from '../clock.ts';
import type { Caller } from '../guard/caller.ts';

/** The organizations a person belongs to; `org list`. */
export const listOrganizations = async (caller: Caller): Promise<Page<OrganizationRecord>> =>
  caller.guard.read(caller, async (reading) => {
    reading.allowOwn();
    const { stores } = reading;
    if (reading.caller.type !== 'person') return { items: [], nextCursor: null };
    const memberships = await stores.members.listOfPerson(reading.caller.personId);
    const items: OrganizationRecord[] = [];
    for (const { organizationId, role } of memberships) {
      const organization = await stores.organizations.find(organizationId);
      if (organization === undefined) continue;
      const { id, slug, name, createdAt } = organization;
      items.push({ id, slug, name, role, createdAt: toInstant(createdAt) });
    }
    return { items, nextCursor: null };
  });

/** The caller's organization; the route resolved which one that is. */
export const getOrganization = async (caller: Caller): Promise<OrganizationRecord> =>
  caller.guard.read(caller, async (reading) => {
    await reading.allow('organization.read');
    const organization = await reading.stores.organizations.find(reading.organizationId);
    if (organization === undefined) {
      throw new CofferError('organization_not_found', { detail: 'The organization is gone.' });
    }
    const { id, slug, name, createdAt } = organization;
    const role = 'member' in reading.caller ? (reading.caller.member?.role ?? null) : null;
    return { id, slug, name, role, createdAt: toInstant(createdAt) };
  });
