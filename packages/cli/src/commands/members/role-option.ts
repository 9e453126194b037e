import type { CommandInput, CommandOption, Role } from '@coffer/contract';

export const roleOption: CommandOption = {
  name: 'role',
  value: 'ROLE',
  choices: ['owner', 'admin', 'member', 'auditor'],
  summary: 'what the member may do',
};

/** The parser has checked it against the choices. */
export const readRole = (given: CommandInput): Role | undefined => given.text('role') as Role | undefined;
