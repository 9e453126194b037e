import { z } from 'zod';
import { peopleAndKeys } from '../access.ts';
import { EnvironmentCreate, EnvironmentRecord, EnvironmentUpdate } from '../environments.ts';
import { pageOf, PageQuery } from '../paging.ts';
import { defineRoute } from '../route.ts';

const params = z.object({ environment: z.string().max(128).meta({ description: 'id or slug' }) });

export const environmentRoutes = {
  listEnvironments: defineRoute({
    id: 'listEnvironments',
    method: 'get',
    path: '/environments',
    inOrganization: true,
    access: peopleAndKeys('read'),
    summary: 'The environments of the organization, in their order',
    query: PageQuery,
    success: { status: 200, body: pageOf(EnvironmentRecord) },
    errors: [],
  }),
  createEnvironment: defineRoute({
    id: 'createEnvironment',
    method: 'post',
    path: '/environments',
    inOrganization: true,
    access: peopleAndKeys('admin'),
    summary: 'Add an environment',
    body: EnvironmentCreate,
    headers: ['Idempotency-Key'],
    success: { status: 201, body: EnvironmentRecord },
    errors: ['environment_exists'],
  }),
  updateEnvironment: defineRoute({
    id: 'updateEnvironment',
    method: 'patch',
    path: '/environments/{environment}',
    inOrganization: true,
    access: peopleAndKeys('admin'),
    summary: 'Label or reorder an environment',
    params,
    body: EnvironmentUpdate,
    success: { status: 200, body: EnvironmentRecord },
    errors: ['environment_not_found'],
  }),
  deleteEnvironment: defineRoute({
    id: 'deleteEnvironment',
    method: 'delete',
    path: '/environments/{environment}',
    inOrganization: true,
    access: peopleAndKeys('admin'),
    summary: 'Remove an environment that nothing uses',
    params,
    success: { status: 204 },
    errors: ['environment_not_found', 'environment_in_use'],
  }),
} as const;
