import type { Page, PageQuery, ProjectCreate, ProjectRecord, ProjectUpdate } from '@coffer/contract';
import { everyItem } from './pages.ts';
import { path } from './path.ts';
import type { CreateOptions, Request } from './request.ts';

export type Projects = ReturnType<typeof projectsOver>;

/** `project` is a slug or an id. */
export function projectsOver(request: Request) {
  const list = (query: PageQuery = {}) => request<Page<ProjectRecord>>('GET', '/projects', { query });
  return {
    list,
    listAll: (query: PageQuery = {}) => everyItem(list)(query),
    create: (project: ProjectCreate, options?: CreateOptions) =>
      request<ProjectRecord>('POST', '/projects', { ...options, body: project }),
    update: (project: string, changes: ProjectUpdate) =>
      request<ProjectRecord>('PATCH', path`/projects/${project}`, { body: changes }),
    delete: (project: string) => request<undefined>('DELETE', path`/projects/${project}`),
  };
}
