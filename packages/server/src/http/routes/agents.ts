import type { AgentCreate, AgentUpdate } from '@coffer/contract';
import { createAgent, deleteAgent, restoreAgent, updateAgent } from '../../domain/agents/change.ts';
import { getAgent, listAgents } from '../../domain/agents/read.ts';
import { restartAgent } from '../../domain/workloads/manage.ts';
import { listReceived } from '../../domain/workloads/received.ts';
import type { Call } from '../handlers.ts';

const isTrue = (query: { purge?: string }): boolean => query.purge === 'true';

export const agentHandlers = {
  listAgents: async ({ caller, query }: Call) => listAgents(caller, query),
  createAgent: async ({ caller, body }: Call<AgentCreate>) => createAgent(caller, body),
  getAgent: async ({ caller, params }: Call) => getAgent(caller, params['agent'] ?? ''),
  updateAgent: async ({ caller, params, body }: Call<AgentUpdate>) =>
    updateAgent(caller, params['agent'] ?? '', body),
  deleteAgent: async ({ caller, params, query }: Call) =>
    deleteAgent(caller, params['agent'] ?? '', { purge: isTrue(query) }),
  restoreAgent: async ({ caller, params }: Call) => restoreAgent(caller, params['agent'] ?? ''),
  restartAgent: async ({ caller, params }: Call) => restartAgent(caller, params['agent'] ?? ''),
  listReceived: async ({ caller, params, query }: Call) => listReceived(caller, params['agent'] ?? '', query),
};
