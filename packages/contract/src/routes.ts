import { auditRoutes } from './routes/audit.ts';
import { agentRoutes } from './routes/agents.ts';
import { environmentRoutes } from './routes/environments.ts';
import { keyRoutes } from './routes/keys.ts';
import { memberRoutes } from './routes/members.ts';
import { organizationRoutes } from './routes/organizations.ts';
import { policyRoutes } from './routes/policy.ts';
import { projectRoutes } from './routes/projects.ts';
import { secretRoutes } from './routes/secrets.ts';
import { sessionRoutes } from './routes/session.ts';
import { workloadRoutes } from './routes/workloads.ts';

/** Every route of the API, by id. */
export const routes = {
  ...sessionRoutes,
  ...organizationRoutes,
  ...memberRoutes,
  ...projectRoutes,
  ...environmentRoutes,
  ...agentRoutes,
  ...keyRoutes,
  ...policyRoutes,
  ...secretRoutes,
  ...workloadRoutes,
  ...auditRoutes,
} as const;

export type RouteId = keyof typeof routes;
