import { peopleAndKeys } from '../access.ts';
import { AuditEventRecord, AuditQuery, AuditVerified } from '../audit.ts';
import { pageOf } from '../paging.ts';
import { defineRoute } from '../route.ts';

export const auditRoutes = {
  listAudit: defineRoute({
    id: 'listAudit',
    method: 'get',
    path: '/audit',
    inOrganization: true,
    access: peopleAndKeys('admin'),
    summary: 'The audit trail, filtered',
    query: AuditQuery,
    success: { status: 200, body: pageOf(AuditEventRecord) },
    errors: ['agent_not_found', 'environment_not_found'],
  }),
  verifyAudit: defineRoute({
    id: 'verifyAudit',
    method: 'post',
    path: '/audit/verify',
    inOrganization: true,
    access: peopleAndKeys('admin'),
    summary: 'Check the organization’s audit chain from its first event to its head',
    success: { status: 200, body: AuditVerified },
    errors: [],
  }),
} as const;
