import type { Command } from '@coffer/contract';
import { createKey } from './create.ts';
import { listKeys } from './list.ts';
import { revokeKey } from './revoke.ts';

export const keyCommands: readonly Command[] = [createKey, listKeys, revokeKey];
