import type { Command } from '@coffer/contract';
import { createMember } from './create.ts';
import { deleteMember } from './delete.ts';
import { listMembers } from './list.ts';
import { updateMember } from './update.ts';

export const memberCommands: readonly Command[] = [createMember, listMembers, updateMember, deleteMember];
