import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { usageError } from '../../terminal/usage.ts';
import { organizationOption } from '../options.ts';
import { readRole, roleOption } from './role-option.ts';

const act: CommandAction = async (given, terminal) => {
  const role = readRole(given);
  if (role === undefined) throw usageError('--role ROLE is missing.');
  const name = given.text('name');
  const client = openClient(given, terminal);
  const email = given.positionals[0] ?? '';
  const member = await client.members.create({ email, role, ...(name === undefined ? {} : { name }) });
  if (terminal.json) terminal.printJson(member);
  else {
    terminal.print(member.email);
    terminal.say(`${member.email} is a member now, as ${member.role}.`);
  }
  return undefined;
};

export const createMember: RunnableCommand = {
  name: 'create',
  summary: 'make a person a member of the organization',
  arguments: [{ name: 'EMAIL', summary: 'the person’s address' }],
  options: [roleOption, { name: 'name', value: 'NAME', summary: 'the person’s name' }, organizationOption],
  examples: ['coffer member create ann@example.com --role admin'],
  load: () => Promise.resolve(act),
};
