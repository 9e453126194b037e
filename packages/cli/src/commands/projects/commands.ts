import type { Command } from '@coffer/contract';
import { createProject } from './create.ts';
import { deleteProject } from './delete.ts';
import { listProjects } from './list.ts';
import { updateProject } from './update.ts';

export const projectCommands: readonly Command[] = [
  createProject,
  listProjects,
  updateProject,
  deleteProject,
];
