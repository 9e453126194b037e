import type { Command } from '@coffer/contract';
import { createEnvironment } from './create.ts';
import { deleteEnvironment } from './delete.ts';
import { listEnvironments } from './list.ts';
import { updateEnvironment } from './update.ts';

export const environmentCommands: readonly Command[] = [
  createEnvironment,
  listEnvironments,
  updateEnvironment,
  deleteEnvironment,
];
