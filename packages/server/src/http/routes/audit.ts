import { listAudit } from '../../domain/audit/list.ts';
import { verifyAudit } from '../../domain/audit/verify.ts';
import type { Call } from '../handlers.ts';

export const auditHandlers = {
  listAudit: async ({ caller, query }: Call) => listAudit(caller, query),
  verifyAudit: async ({ caller, house }: Call) => verifyAudit(caller, house.findKnownHead),
};
