import type { Command } from '@coffer/contract';
import { getPolicy } from './get.ts';
import { setPolicy } from './set.ts';

export const policyCommands: readonly Command[] = [getPolicy, setPolicy];
