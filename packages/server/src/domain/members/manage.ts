import {
  CofferError,
  type MemberCreate,
  type MemberRecord,
  type MemberUpdate,
  type Page,
  type PageQuery,
  type Role,
} from '@coffer/contract';
import { toInstant, toInstantOrNull } from '../clock.ts';
import type { Caller } from '../guard/caller.ts';
import type { Operation, Reading } from '../guard/operation.ts';
import { createId } from '../ids.ts';
import { ensurePerson } from '../organizations/create.ts';
import { decodeCursor, limitOf, toPage } from '../paging.ts';
import type { Member } from './port.ts';

const toRecord = (member: Member, lastActiveAt: number | null): MemberRecord => ({
  id: member.id,
  email: member.email,
  name: member.name,
  role: member.role,
  createdAt: toInstant(member.createdAt),
  lastActiveAt: toInstantOrNull(lastActiveAt),
});

export const listMembers = async (caller: Caller, query: PageQuery): Promise<Page<MemberRecord>> =>
  caller.guard.read(caller, async (reading) => {
    await reading.allow('member.list');
    const limit = limitOf(query.limit);
    const after = decodeCursor(query.cursor, 1)?.[0];
    const members = await reading.stores.members.list(reading.organizationId, { after, limit: limit + 1 });
    const active = await reading.stores.members.lastActive(members.map(({ personId }) => personId));
    return toPage(members, limit, {
      cursorOf: ({ id }) => [id],
      itemOf: (member) => toRecord(member, active.get(member.personId) ?? null),
    });
  });

/** The member, by id or email. Throws `member_not_found`. */
export const getMember = async (reading: Reading, idOrEmail: string): Promise<Member> => {
  const member = await reading.stores.members.find(reading.organizationId, idOrEmail.toLowerCase());
  const found = member ?? (await reading.stores.members.find(reading.organizationId, idOrEmail));
  if (found !== undefined) return found;
  throw new CofferError('member_not_found', {
    detail: 'No member of the organization has this id or email.',
    hint: 'List them with: coffer member list',
  });
};

/** Only an owner makes, changes or removes an owner; an admin could otherwise rise above the owners. */
const refuseAboveOwnRole = (operation: Operation, roles: readonly (Role | undefined)[]): void => {
  const { caller } = operation;
  const own = caller.type === 'operator' ? 'owner' : 'member' in caller ? caller.member?.role : undefined;
  if (roles.includes('owner') && own !== 'owner') {
    operation.concerning({ details: { reason: 'only an owner changes owners' } });
    throw new CofferError('forbidden', {
      detail: 'Only an owner may make, change or remove an owner.',
      hint: 'Ask an owner of the organization.',
    });
  }
};

const refuseLastOwner = async (operation: Operation, member: Member): Promise<void> => {
  if (member.role !== 'owner') return;
  if ((await operation.stores.members.countOwners(operation.organizationId)) > 1) return;
  throw new CofferError('member_in_use', {
    detail: 'This is the only owner of the organization.',
    hint: 'Make another member an owner first: coffer member update EMAIL --role owner',
  });
};

const agentsShown = 20;

/** Throws `member_in_use`, which names the agents, while the member owns any. */
const refuseOwner = async (operation: Operation, member: Member): Promise<void> => {
  const { agents } = operation.stores;
  const count = await agents.countOwned(member.id);
  if (count === 0) return;
  const slugs = await agents.listOwned(member.id, agentsShown);
  const more = count > slugs.length ? ' and others' : '';
  throw new CofferError('member_in_use', {
    detail: `The member owns ${count} agent${count === 1 ? '' : 's'}: ${slugs.join(', ')}${more}.`,
    hint: 'Give them another owner first: coffer agent update AGENT --owner EMAIL',
  });
};

export const createMember = async (caller: Caller, input: MemberCreate): Promise<MemberRecord> =>
  caller.guard.write(caller, 'member.create', async (operation) => {
    await operation.allow('member.manage');
    refuseAboveOwnRole(operation, [input.role]);
    const { stores, now, organizationId } = operation;
    if ((await stores.members.find(organizationId, input.email.toLowerCase())) !== undefined) {
      throw new CofferError('member_exists', {
        detail: 'A person of this email is a member already.',
        hint: 'Change the role with: coffer member update EMAIL --role ROLE',
      });
    }
    const person = await ensurePerson(stores, input.email, now);
    if (input.name !== undefined) await stores.members.renamePerson(person.id, input.name);
    const id = createId('member', now);
    await stores.members.insert({
      id,
      organizationId,
      personId: person.id,
      role: input.role,
      createdAt: now,
      removedAt: null,
    });
    operation.changed();
    operation.record({ details: { member: id, email: person.email, role: input.role } });
    return toRecord(await getMember(operation, id), null);
  });

export const updateMember = async (
  caller: Caller,
  idOrEmail: string,
  input: MemberUpdate,
): Promise<MemberRecord> =>
  caller.guard.write(caller, 'member.update', async (operation) => {
    await operation.allow('member.manage');
    const { stores } = operation;
    const member = await getMember(operation, idOrEmail);
    refuseAboveOwnRole(operation, [member.role, input.role]);
    if (input.role !== undefined && input.role !== member.role) {
      await refuseLastOwner(operation, member);
      // An auditor cannot own an agent.
      if (input.role === 'auditor') await refuseOwner(operation, member);
      await stores.members.updateRole(member.id, input.role);
    }
    if (input.name !== undefined) await stores.members.renamePerson(member.personId, input.name);
    operation.changed();
    operation.record({
      details: { member: member.id, email: member.email, from: member.role, to: input.role },
    });
    return toRecord(await getMember(operation, member.id), null);
  });

/**
 * Ends the membership with its keys, and the last one with the person's sessions: who is added again later
 * logs in anew. Refused while the member still owns agents.
 */
export const deleteMember = async (caller: Caller, idOrEmail: string): Promise<void> =>
  caller.guard.write(caller, 'member.delete', async (operation) => {
    await operation.allow('member.manage');
    const { stores, now } = operation;
    const member = await getMember(operation, idOrEmail);
    refuseAboveOwnRole(operation, [member.role]);
    await refuseLastOwner(operation, member);
    await refuseOwner(operation, member);
    await stores.members.remove(member.id, now);
    await stores.keys.revokeOfMaker(member.id, now);
    const others = await stores.members.listOfPerson(member.personId);
    if (others.length === 0) await stores.sessions.revokeOfPerson(member.personId, now);
    operation.changed();
    operation.record({ details: { member: member.id, email: member.email, role: member.role } });
  });
