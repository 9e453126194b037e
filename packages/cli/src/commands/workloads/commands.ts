import type { Command } from '@coffer/contract';
import { listWorkloads } from './list.ts';
import { stopWorkload } from './stop.ts';

export const workloadCommands: readonly Command[] = [listWorkloads, stopWorkload];
