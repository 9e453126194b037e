import { z } from 'zod';
import { peopleAndKeys } from '../access.ts';
import { KeyCreate, KeyCreated, KeyRecord } from '../keys.ts';
import { pageOf, PageQuery } from '../paging.ts';
import { defineRoute } from '../route.ts';

export const keyRoutes = {
  listKeys: defineRoute({
    id: 'listKeys',
    method: 'get',
    path: '/keys',
    inOrganization: true,
    access: peopleAndKeys('admin'),
    summary: 'API keys: all for owners and admins, the caller’s own for others',
    query: PageQuery,
    success: { status: 200, body: pageOf(KeyRecord) },
    errors: [],
  }),
  createKey: defineRoute({
    id: 'createKey',
    method: 'post',
    path: '/keys',
    inOrganization: true,
    access: peopleAndKeys('admin'),
    summary: 'Make an API key; the answer is the only place that shows it',
    body: KeyCreate,
    headers: ['Idempotency-Key'],
    success: { status: 201, body: KeyCreated },
    errors: ['agent_not_found', 'project_not_found', 'environment_not_found'],
    carriesValues: true,
  }),
  revokeKey: defineRoute({
    id: 'revokeKey',
    method: 'delete',
    path: '/keys/{key}',
    inOrganization: true,
    access: peopleAndKeys('admin'),
    summary: 'Revoke an API key at once',
    params: z.object({ key: z.string().max(128) }),
    success: { status: 204 },
    errors: ['key_not_found'],
  }),
} as const;
