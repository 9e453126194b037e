import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { usageError } from '../../terminal/usage.ts';
import { organizationOption } from '../options.ts';
import { readRole, roleOption } from './role-option.ts';

const act: CommandAction = async (given, terminal) => {
  const role = readRole(given);
  const name = given.text('name');
  if (role === undefined && name === undefined) throw usageError('Give --role or --name.');
  const client = openClient(given, terminal);
  const member = await client.members.update(given.positionals[0] ?? '', {
    ...(role === undefined ? {} : { role }),
    ...(name === undefined ? {} : { name }),
  });
  if (terminal.json) terminal.printJson(member);
  else terminal.say(`${member.email} is ${member.role} now.`);
  return undefined;
};

export const updateMember: RunnableCommand = {
  name: 'update',
  summary: 'change a member’s role or name',
  arguments: [{ name: 'member', completes: 'member', summary: 'the member, by email or id' }],
  options: [roleOption, { name: 'name', value: 'NAME', summary: 'the person’s name' }, organizationOption],
  examples: ['coffer member update ann@example.com --role member'],
  load: () => Promise.resolve(act),
};
