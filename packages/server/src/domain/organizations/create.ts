import { initialEnvironments, type OrganizationId } from '@coffer/contract';
import { startChain } from '@coffer/crypto';
import { createId } from '../ids.ts';
import type { Keyring } from '../keyring/keyring.ts';
import type { Person } from '../members/port.ts';
import type { Stores } from '../stores.ts';

export interface NewOrganization {
  readonly slug: string;
  readonly name: string;
  readonly ownerEmail: string;
}

/**
 * A new organization with its keys, its chain, project `default`, the three environments and its first
 * owner. Runs inside the first commit of an instance; returns its id.
 */
export const createOrganization = async (
  stores: Stores,
  keyring: Keyring,
  input: NewOrganization & { now: number },
): Promise<OrganizationId> => {
  const { now } = input;
  const id = createId('organization', now);
  await stores.organizations.insert({ id, slug: input.slug, name: input.name, createdAt: now });
  await keyring.createKeys(stores, id, ['data', 'audit', 'fingerprint']);
  const auditKey = await keyring.auditKey(stores, id);
  const mac = startChain(auditKey, id);
  await stores.audit.createHead({ chain: id, sequence: 0, mac, changes: 0, accessChanges: 0 });
  const person = await ensurePerson(stores, input.ownerEmail, now);
  await stores.members.insert({
    id: createId('member', now),
    organizationId: id,
    personId: person.id,
    role: 'owner',
    createdAt: now,
    removedAt: null,
  });
  await stores.projects.insert({
    id: createId('project', now),
    organizationId: id,
    slug: 'default',
    name: 'Default',
    managers: null,
    createdAt: now,
  });
  for (const [position, { slug, label }] of initialEnvironments.entries()) {
    await stores.environments.insert({
      id: createId('environment', now),
      organizationId: id,
      slug,
      label,
      position,
      createdAt: now,
    });
  }
  return id;
};

/** The person of this email, made where there is none yet. Emails are compared in lower case. */
export const ensurePerson = async (stores: Stores, email: string, now: number): Promise<Person> => {
  const normal = email.toLowerCase();
  const known = await stores.members.findPersonByEmail(normal);
  if (known !== undefined) return known;
  const person = { id: createId('person', now), email: normal, name: '', createdAt: now };
  await stores.members.insertPerson(person);
  return person;
};
