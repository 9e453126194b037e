import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { usageError } from '../../terminal/usage.ts';
import { expectVersionOption, readExpectedVersion, targetArguments, targetOptions } from './options.ts';
import { sayWritten } from './say-written.ts';
import { onSecret, readTarget } from './target.ts';

const act: CommandAction = async (given, terminal) => {
  const target = readTarget(given);
  const from = given.text('from');
  const to = given.text('to');
  if (from === undefined || to === undefined) throw usageError('--from and --to are both needed.');
  const options = readExpectedVersion(given);
  const client = openClient(given, terminal);
  const written = await onSecret(client, target, (secret) =>
    client.secrets.copy(secret, { from, to }, options),
  );
  sayWritten(terminal, target, written);
};

export const copySecret: RunnableCommand = {
  name: 'copy',
  summary: 'copy a value from one environment to another, without showing it',
  arguments: targetArguments,
  options: [
    ...targetOptions,
    { name: 'from', value: 'ENVIRONMENT', completes: 'environment', summary: 'where the value is' },
    { name: 'to', value: 'ENVIRONMENT', completes: 'environment', summary: 'where it is written' },
    expectVersionOption,
  ],
  examples: ['coffer secrets copy support-bot STRIPE_API_KEY --from staging --to production'],
  load: () => Promise.resolve(act),
};
