import type { MemberId, OrganizationId, PersonId, Role } from '@coffer/contract';

/** Somebody who can log in; belongs to organizations through members. */
export interface Person {
  readonly id: PersonId;
  readonly email: string;
  readonly name: string;
  readonly createdAt: number;
}

export interface Member {
  readonly id: MemberId;
  readonly organizationId: OrganizationId;
  readonly personId: PersonId;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: number;
  readonly removedAt: number | null;
}

export interface MemberStore {
  insertPerson(person: Person): Promise<void>;
  findPersonByEmail(email: string): Promise<Person | undefined>;
  findPerson(id: PersonId): Promise<Person | undefined>;
  renamePerson(id: PersonId, name: string): Promise<void>;
  /** The person with the oldest owner membership of the instance, if any. */
  findFirstOwner(): Promise<Person | undefined>;
  insert(member: Omit<Member, 'email' | 'name'>): Promise<void>;
  /** By id or email, among those not removed. */
  find(organizationId: OrganizationId, idOrEmail: string): Promise<Member | undefined>;
  /** By id, also when removed: names of actors in lists. */
  get(id: MemberId): Promise<Member | undefined>;
  list(
    organizationId: OrganizationId,
    page: { after?: string | undefined; limit: number },
  ): Promise<readonly Member[]>;
  /** The memberships of a person, not removed, oldest first. */
  listOfPerson(personId: PersonId): Promise<readonly (Member & { organizationSlug: string })[]>;
  countOwners(organizationId: OrganizationId): Promise<number>;
  updateRole(id: MemberId, role: Role): Promise<void>;
  remove(id: MemberId, at: number): Promise<void>;
  /** The newest session use of each person, for the member list. */
  lastActive(personIds: readonly PersonId[]): Promise<ReadonlyMap<string, number>>;
}
