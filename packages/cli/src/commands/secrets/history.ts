import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { targetArguments, targetOptions } from './options.ts';
import { showVersions } from './show-versions.ts';
import { onSecret, readTarget } from './target.ts';

const act: CommandAction = async (given, terminal) => {
  const target = readTarget(given);
  const client = openClient(given, terminal);
  const { items } = await onSecret(client, target, (secret) => client.secrets.versions(secret));
  await showVersions(terminal, items);
  return undefined;
};

export const listHistory: RunnableCommand = {
  name: 'history',
  summary: 'list the versions of a secret: who wrote what kind of change when, never a value',
  arguments: targetArguments,
  options: targetOptions,
  examples: ['coffer secrets history STRIPE_API_KEY', 'coffer secrets history support-bot STRIPE_API_KEY'],
  load: () => Promise.resolve(act),
};
