import type {
  AgentCreate,
  AgentDeleted,
  AgentQuery,
  AgentRecord,
  AgentRestarted,
  AgentUpdate,
  Page,
  ReceivedRecord,
} from '@coffer/contract';
import { everyItem } from './pages.ts';
import { path } from './path.ts';
import type { CreateOptions, Request } from './request.ts';

export type Agents = ReturnType<typeof agentsOver>;

/** `agent` is a slug or an id. */
export function agentsOver(request: Request) {
  const list = (query: AgentQuery = {}) => request<Page<AgentRecord>>('GET', '/agents', { query });
  return {
    list,
    listAll: (query: AgentQuery = {}) => everyItem(list)(query),
    get: (agent: string) => request<AgentRecord>('GET', path`/agents/${agent}`),
    create: (agent: AgentCreate, options?: CreateOptions) =>
      request<AgentRecord>('POST', '/agents', { ...options, body: agent }),
    /** Moving an agent to another project or owner moves its secrets with it. */
    update: (agent: string, changes: AgentUpdate) =>
      request<AgentRecord>('PATCH', path`/agents/${agent}`, { body: changes }),
    /** Deletes its secrets too; `purge` destroys both at once. */
    delete: (agent: string, query: { readonly purge?: boolean } = {}) =>
      request<AgentDeleted>('DELETE', path`/agents/${agent}`, { query }),
    restore: (agent: string, options?: CreateOptions) =>
      request<AgentRecord>('POST', path`/agents/${agent}/restore`, options),
    /** Stops every workload; runners start those again that are not invocations. */
    restart: (agent: string) => request<AgentRestarted>('POST', path`/agents/${agent}/restart`),
    /** Everything the agent can receive in an environment, with its source; no sealed value. */
    received: (agent: string, query: { readonly environment?: string } = {}) =>
      request<Page<ReceivedRecord>>('GET', path`/agents/${agent}/received`, { query }),
  };
}
