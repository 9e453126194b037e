import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { usageError } from '../../terminal/usage.ts';
import {
  detailOptions,
  placeOptions,
  readDetails,
  readEnvironment,
  targetArguments,
  valueOptions,
} from './options.ts';
import { readValue } from './read-value.ts';
import { sayWritten } from './say-written.ts';
import { readTarget } from './target.ts';

const act: CommandAction = async (given, terminal) => {
  const target = readTarget(given);
  if ('id' in target) throw usageError('A secret that is created has no id yet.');
  const client = openClient(given, terminal);
  const { place, name } = target;
  const isPlain = given.has('plain');
  const value = await readValue(given, terminal, { name, hidden: !isPlain });
  const options = {
    ...readDetails(given),
    ...readEnvironment(given),
    ...(isPlain ? { kind: 'plain' as const } : {}),
  };
  const write = given.has('overwrite') ? client.secrets.set : client.secrets.create;
  sayWritten(terminal, { ...target, isPlain }, await write(place.owner, name, value, options));
};

export const createSecret: RunnableCommand = {
  name: 'create',
  summary: 'create a secret; a taken name is refused',
  description:
    'Asks for the value, unless it is given, without showing what is typed. Without agent and --project the\n' +
    'secret is the organization’s, in its vault.\n' +
    'Share a secret by storing it where its agents get it, never by sending the value by mail, chat or document.',
  arguments: targetArguments,
  options: [
    ...placeOptions,
    ...valueOptions,
    ...detailOptions,
    { name: 'plain', summary: 'make it a variable: stored and shown as text' },
    { name: 'overwrite', summary: 'replace the value where the name is taken' },
  ],
  examples: [
    'coffer secrets create STRIPE_API_KEY',
    'coffer secrets create support-bot DB_PASSWORD --env production --type password',
    'coffer secrets create --project default REGION --plain --value eu-west-1',
  ],
  load: () => Promise.resolve(act),
};
