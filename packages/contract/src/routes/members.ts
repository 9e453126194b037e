import { z } from 'zod';
import { peopleAndKeys } from '../access.ts';
import { MemberCreate, MemberRecord, MemberUpdate } from '../members.ts';
import { pageOf, PageQuery } from '../paging.ts';
import { defineRoute } from '../route.ts';

const params = z.object({ member: z.string().max(254).meta({ description: 'id or email' }) });

export const memberRoutes = {
  listMembers: defineRoute({
    id: 'listMembers',
    method: 'get',
    path: '/members',
    inOrganization: true,
    access: peopleAndKeys('admin'),
    summary: 'The members of the organization',
    query: PageQuery,
    success: { status: 200, body: pageOf(MemberRecord) },
    errors: [],
  }),
  createMember: defineRoute({
    id: 'createMember',
    method: 'post',
    path: '/members',
    inOrganization: true,
    access: peopleAndKeys('admin'),
    summary: 'Make a person a member',
    body: MemberCreate,
    headers: ['Idempotency-Key'],
    success: { status: 201, body: MemberRecord },
    errors: ['member_exists'],
  }),
  updateMember: defineRoute({
    id: 'updateMember',
    method: 'patch',
    path: '/members/{member}',
    inOrganization: true,
    access: peopleAndKeys('admin'),
    summary: 'Change a member’s role or name',
    params,
    body: MemberUpdate,
    success: { status: 200, body: MemberRecord },
    errors: ['member_not_found', 'member_in_use'],
  }),
  deleteMember: defineRoute({
    id: 'deleteMember',
    method: 'delete',
    path: '/members/{member}',
    inOrganization: true,
    access: peopleAndKeys('admin'),
    summary: 'Remove a member; sessions and API keys stop with the next request',
    params,
    success: { status: 204 },
    errors: ['member_not_found', 'member_in_use'],
  }),
} as const;
