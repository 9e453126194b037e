import type { OrganizationRecord, Page, PageQuery } from '@coffer/contract';
import { everyItem } from './pages.ts';
import { path } from './path.ts';
import type { Request } from './request.ts';

export type Organizations = ReturnType<typeof organizationsOver>;

/** `organization` is a slug or an id; the client's own choice of one has no effect here. */
export function organizationsOver(request: Request) {
  const list = (query: PageQuery = {}) =>
    request<Page<OrganizationRecord>>('GET', '/organizations', { query });
  return {
    list,
    listAll: (query: PageQuery = {}) => everyItem(list)(query),
    get: (organization: string) => request<OrganizationRecord>('GET', path`/organizations/${organization}`),
  };
}
