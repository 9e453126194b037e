import type { ProjectCreate, ProjectUpdate } from '@coffer/contract';
import { createProject, deleteProject, listProjects, updateProject } from '../../domain/projects/manage.ts';
import type { Call } from '../handlers.ts';

export const projectHandlers = {
  listProjects: async ({ caller, query }: Call) => listProjects(caller, query),
  createProject: async ({ caller, body }: Call<ProjectCreate>) => createProject(caller, body),
  updateProject: async ({ caller, params, body }: Call<ProjectUpdate>) =>
    updateProject(caller, params['project'] ?? '', body),
  deleteProject: async ({ caller, params }: Call) => deleteProject(caller, params['project'] ?? ''),
};
