import type {
  EnvironmentCreate,
  EnvironmentRecord,
  EnvironmentUpdate,
  Page,
  PageQuery,
} from '@coffer/contract';
import { everyItem } from './pages.ts';
import { path } from './path.ts';
import type { CreateOptions, Request } from './request.ts';

export type Environments = ReturnType<typeof environmentsOver>;

/** `environment` is a slug or an id. */
export function environmentsOver(request: Request) {
  const list = (query: PageQuery = {}) => request<Page<EnvironmentRecord>>('GET', '/environments', { query });
  return {
    list,
    listAll: (query: PageQuery = {}) => everyItem(list)(query),
    create: (environment: EnvironmentCreate, options?: CreateOptions) =>
      request<EnvironmentRecord>('POST', '/environments', { ...options, body: environment }),
    update: (environment: string, changes: EnvironmentUpdate) =>
      request<EnvironmentRecord>('PATCH', path`/environments/${environment}`, { body: changes }),
    delete: (environment: string) => request<undefined>('DELETE', path`/environments/${environment}`),
  };
}
