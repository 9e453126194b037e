import { z } from 'zod';
import { peopleAndKeys } from '../access.ts';
import { PolicyRecord, PolicySwitchRecord, PolicyWrite } from '../policy.ts';
import { defineRoute } from '../route.ts';

export const policyRoutes = {
  getPolicy: defineRoute({
    id: 'getPolicy',
    method: 'get',
    path: '/policy',
    inOrganization: true,
    access: peopleAndKeys('read'),
    summary: 'Every switch of the organization’s policy',
    success: { status: 200, body: PolicyRecord },
    errors: [],
  }),
  setPolicy: defineRoute({
    id: 'setPolicy',
    method: 'put',
    path: '/policy/{switch}',
    inOrganization: true,
    access: peopleAndKeys('admin'),
    summary: 'Set one switch',
    params: z.object({ switch: z.string().max(64) }),
    body: PolicyWrite,
    success: { status: 200, body: PolicySwitchRecord },
    errors: ['policy_unavailable', 'environment_not_found'],
  }),
} as const;
