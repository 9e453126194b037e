import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { usageError } from '../../terminal/usage.ts';
import { environmentOption } from '../options.ts';
import { readWholeNumber } from '../read-option.ts';
import {
  expectVersionOption,
  readEnvironment,
  readExpectedVersion,
  targetArguments,
  targetOptions,
} from './options.ts';
import { sayWritten } from './say-written.ts';
import { onSecret, readTarget } from './target.ts';

const act: CommandAction = async (given, terminal) => {
  const target = readTarget(given);
  const version = given.text('to');
  if (version === undefined) throw usageError('--to VERSION is missing.');
  const to = { version: readWholeNumber('to', version, 1), ...readEnvironment(given) };
  const options = readExpectedVersion(given);
  const client = openClient(given, terminal);
  const written = await onSecret(client, target, (secret) => client.secrets.rollback(secret, to, options));
  sayWritten(terminal, target, written);
};

export const rollbackSecret: RunnableCommand = {
  name: 'rollback',
  summary: 'write an earlier value as a new version, without showing it',
  arguments: targetArguments,
  options: [
    ...targetOptions,
    { name: 'to', value: 'VERSION', summary: 'the version whose value is written again' },
    { ...environmentOption, summary: 'the environment of that version; without it the common value (*)' },
    expectVersionOption,
  ],
  examples: ['coffer secrets rollback support-bot STRIPE_API_KEY --to 3 --env production'],
  load: () => Promise.resolve(act),
};
