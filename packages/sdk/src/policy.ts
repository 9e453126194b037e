import type { Policy, PolicySwitchRecord } from '@coffer/contract';
import { path } from './path.ts';
import type { Request } from './request.ts';

export type PolicyOfOrganization = ReturnType<typeof policyOver>;

export function policyOver(request: Request) {
  return {
    get: () => request<Policy>('GET', '/policy'),
    /** Sets one switch; `policy_unavailable` where there is no such switch or value. */
    set: (name: string, value: unknown) =>
      request<PolicySwitchRecord>('PUT', path`/policy/${name}`, { body: { value } }),
  };
}
