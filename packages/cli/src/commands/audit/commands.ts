import type { Command } from '@coffer/contract';
import { listAudit } from './list.ts';
import { verifyAudit } from './verify.ts';

export const auditCommands: readonly Command[] = [listAudit, verifyAudit];
