import type { MemberCreate, MemberUpdate } from '@coffer/contract';
import { createMember, deleteMember, listMembers, updateMember } from '../../domain/members/manage.ts';
import type { Call } from '../handlers.ts';

export const memberHandlers = {
  listMembers: async ({ caller, query }: Call) => listMembers(caller, query),
  createMember: async ({ caller, body }: Call<MemberCreate>) => createMember(caller, body),
  updateMember: async ({ caller, params, body }: Call<MemberUpdate>) =>
    updateMember(caller, params['member'] ?? '', body),
  deleteMember: async ({ caller, params }: Call) => deleteMember(caller, params['member'] ?? ''),
};
