import type { Whoami } from '@coffer/contract';
import { agentsOver, type Agents } from './agents.ts';
import { auditOver, type Audit } from './audit.ts';
import { connect, type ClientOptions } from './connection.ts';
import { environmentsOver, type Environments } from './environments.ts';
import { keysOver, type Keys } from './keys.ts';
import { membersOver, type Members } from './members.ts';
import { organizationsOver, type Organizations } from './organizations.ts';
import { path } from './path.ts';
import { policyOver, type PolicyOfOrganization } from './policy.ts';
import { projectsOver, type Projects } from './projects.ts';
import { requestsOver } from './request.ts';
import { secretsOver, type Secrets } from './secrets.ts';
import { loginOver, type Login } from './session.ts';
import { workloadsOver, type Workloads } from './workloads.ts';

/** What one credential may ask of one server. Every method throws CofferError and nothing else. */
export interface Client {
  readonly secrets: Secrets;
  readonly agents: Agents;
  readonly projects: Projects;
  readonly environments: Environments;
  readonly members: Members;
  readonly keys: Keys;
  readonly policy: PolicyOfOrganization;
  readonly workloads: Workloads;
  readonly audit: Audit;
  readonly organizations: Organizations;
  readonly login: Login;
  /** Who the credential belongs to and what it may do. */
  whoami(): Promise<Whoami>;
  /** Ends the session that the token stands for. */
  logout(): Promise<undefined>;
}

/**
 * A client; asks nothing yet. Throws `usage_error` where the options do not fit together, or would send
 * credentials over plain http to an address that is not loopback.
 */
export function createClient(options: ClientOptions = {}): Client {
  const connection = connect(options);
  const request = requestsOver(connection, '/v1');
  const { organization } = options;
  const inOrganization =
    organization === undefined
      ? request
      : requestsOver(connection, `/v1${path`/organizations/${organization}`}`);
  return {
    secrets: secretsOver(inOrganization),
    agents: agentsOver(inOrganization),
    projects: projectsOver(inOrganization),
    environments: environmentsOver(inOrganization),
    members: membersOver(inOrganization),
    keys: keysOver(inOrganization),
    policy: policyOver(inOrganization),
    workloads: workloadsOver(inOrganization),
    audit: auditOver(inOrganization),
    organizations: organizationsOver(request),
    login: loginOver(request),
    whoami: () => inOrganization<Whoami>('GET', '/whoami'),
    logout: () => request<undefined>('DELETE', '/session'),
  };
}
