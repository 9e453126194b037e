import { z } from 'zod';
import { people, peopleAndKeys } from '../access.ts';
import { OrganizationRecord } from '../organizations.ts';
import { pageOf, PageQuery } from '../paging.ts';
import { defineRoute } from '../route.ts';

export const organizationRoutes = {
  listOrganizations: defineRoute({
    id: 'listOrganizations',
    method: 'get',
    path: '/organizations',
    inOrganization: false,
    access: people,
    summary: 'The organizations the caller is a member of',
    query: PageQuery,
    success: { status: 200, body: pageOf(OrganizationRecord) },
    errors: [],
  }),
  getOrganization: defineRoute({
    id: 'getOrganization',
    method: 'get',
    path: '/organizations/{organization}',
    inOrganization: false,
    access: peopleAndKeys('any'),
    summary: 'One organization, by id or slug',
    params: z.object({ organization: z.string().max(128) }),
    success: { status: 200, body: OrganizationRecord },
    errors: ['organization_not_found'],
  }),
} as const;
