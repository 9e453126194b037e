import { z } from 'zod';
import { peopleAndKeys } from '../access.ts';
import { pageOf, PageQuery } from '../paging.ts';
import { ProjectCreate, ProjectRecord, ProjectUpdate } from '../projects.ts';
import { defineRoute } from '../route.ts';

const params = z.object({ project: z.string().max(128).meta({ description: 'id or slug' }) });

export const projectRoutes = {
  listProjects: defineRoute({
    id: 'listProjects',
    method: 'get',
    path: '/projects',
    inOrganization: true,
    access: peopleAndKeys('read'),
    summary: 'The projects of the organization',
    query: PageQuery,
    success: { status: 200, body: pageOf(ProjectRecord) },
    errors: [],
  }),
  createProject: defineRoute({
    id: 'createProject',
    method: 'post',
    path: '/projects',
    inOrganization: true,
    access: peopleAndKeys('admin'),
    summary: 'Create a project',
    body: ProjectCreate,
    headers: ['Idempotency-Key'],
    success: { status: 201, body: ProjectRecord },
    errors: ['project_exists'],
  }),
  updateProject: defineRoute({
    id: 'updateProject',
    method: 'patch',
    path: '/projects/{project}',
    inOrganization: true,
    access: peopleAndKeys('admin'),
    summary: 'Change a project’s name or who manages its secrets',
    params,
    body: ProjectUpdate,
    success: { status: 200, body: ProjectRecord },
    errors: ['project_not_found', 'member_not_found'],
  }),
  deleteProject: defineRoute({
    id: 'deleteProject',
    method: 'delete',
    path: '/projects/{project}',
    inOrganization: true,
    access: peopleAndKeys('admin'),
    summary: 'Delete a project that holds no agents and no secrets',
    params,
    success: { status: 204 },
    errors: ['project_not_found', 'project_in_use'],
  }),
} as const;
