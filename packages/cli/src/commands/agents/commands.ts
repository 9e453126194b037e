import type { Command } from '@coffer/contract';
import { createAgent } from './create.ts';
import { deleteAgent } from './delete.ts';
import { listAgents } from './list.ts';
import { restartAgent } from './restart.ts';
import { restoreAgent } from './restore.ts';
import { updateAgent } from './update.ts';

export const agentCommands: readonly Command[] = [
  createAgent,
  listAgents,
  updateAgent,
  deleteAgent,
  restoreAgent,
  restartAgent,
];
