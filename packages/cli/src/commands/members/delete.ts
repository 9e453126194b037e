import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { findIn, findRecord } from '../find-record.ts';
import { organizationOption } from '../options.ts';

const act: CommandAction = async (given, terminal) => {
  const [member = ''] = given.positionals;
  const client = openClient(given, terminal);
  const record = await findRecord(terminal, () =>
    findIn(client.members.listAll(), ({ id, email }) => email === member.toLowerCase() || id === member),
  );
  await client.members.delete(member);
  if (terminal.json)
    terminal.printJson({ id: record?.id ?? null, email: record?.email ?? member, removed: true });
  else terminal.say(`${member} is no member any more; sessions and API keys end with the next request.`);
  return undefined;
};

export const deleteMember: RunnableCommand = {
  name: 'delete',
  aliases: ['remove'],
  summary: 'remove a member from the organization',
  arguments: [{ name: 'member', completes: 'member', summary: 'the member, by email or id' }],
  options: [organizationOption],
  examples: ['coffer member delete ann@example.com'],
  load: () => Promise.resolve(act),
};
