import type { AuditEventRecord, AuditQuery, AuditVerified, Page } from '@coffer/contract';
import { everyItem } from './pages.ts';
import type { Request } from './request.ts';

export type Audit = ReturnType<typeof auditOver>;

export function auditOver(request: Request) {
  const list = (query: AuditQuery = {}) => request<Page<AuditEventRecord>>('GET', '/audit', { query });
  return {
    list,
    listAll: (query: AuditQuery = {}) => everyItem(list)(query),
    /** Checks the whole chain; a broken one is an answer with `ok: false`, not an error. */
    verify: () => request<AuditVerified>('POST', '/audit/verify'),
  };
}
