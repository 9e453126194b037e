import type { Command } from '@coffer/contract';
import { listOrganizations } from './list.ts';
import { useOrganization } from './use.ts';

export const organizationCommands: readonly Command[] = [listOrganizations, useOrganization];
