import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { targetArguments, targetOptions } from './options.ts';
import { describeTarget, onSecret, readTarget } from './target.ts';

const act: CommandAction = async (given, terminal) => {
  const target = readTarget(given);
  const client = openClient(given, terminal);
  const secret = await onSecret(client, target, (secret) => client.secrets.restore(secret));
  if (terminal.json) terminal.printJson(secret);
  else terminal.say(`Restored ${describeTarget(target)}.`);
  return undefined;
};

export const restoreSecret: RunnableCommand = {
  name: 'restore',
  summary: 'bring a deleted secret back, with its values',
  arguments: targetArguments,
  options: targetOptions,
  examples: ['coffer secrets restore STRIPE_API_KEY', 'coffer secrets restore support-bot STRIPE_API_KEY'],
  load: () => Promise.resolve(act),
};
