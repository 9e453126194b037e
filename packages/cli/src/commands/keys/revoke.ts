import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { usageError } from '../../terminal/usage.ts';
import { organizationOption } from '../options.ts';

const act: CommandAction = async (given, terminal) => {
  const [key = ''] = given.positionals;
  // The key itself given for its id would be put into a URL, and printed below.
  if (!/^key_[0-9A-HJKMNP-TV-Z]{26}$/.test(key))
    throw usageError('The word is no id of a key; `coffer key list` shows them.');
  const client = openClient(given, terminal);
  await client.keys.revoke(key);
  if (terminal.json) terminal.printJson({ id: key, revoked: true });
  else terminal.say(`Revoked ${key}.`);
  return undefined;
};

export const revokeKey: RunnableCommand = {
  name: 'revoke',
  aliases: ['delete'],
  summary: 'revoke an API key at once',
  arguments: [{ name: 'id', summary: 'the key’s id, as `coffer key list` shows it' }],
  options: [organizationOption],
  examples: ['coffer key revoke key_01JD0000000000000000000000'],
  load: () => Promise.resolve(act),
};
