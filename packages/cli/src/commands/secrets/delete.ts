import type { CommandAction, CommandInput, CommandTerminal, RunnableCommand } from '@coffer/contract';
import type { Client } from '@coffer/sdk';
import { openClient } from '../../connection/open-client.ts';
import { usageError } from '../../terminal/usage.ts';
import { environmentOption } from '../options.ts';
import { showInstant } from '../read-option.ts';
import { confirmPurge } from './confirm-purge.ts';
import { deleteOptions, readExpectedVersion, targetArguments, targetOptions } from './options.ts';
import { sayStale, sayWritten, showEnvironment } from './say-written.ts';
import { describeTarget, onSecret, readTarget, type Target } from './target.ts';

const act: CommandAction = async (given, terminal) => {
  const target = readTarget(given);
  const client = openClient(given, terminal);
  const environment = given.text('environment');
  if (environment === undefined) {
    await deleteTarget(client, target, { given, terminal });
    return;
  }
  if (given.has('purge')) throw usageError('--purge destroys the whole secret; leave out --env.');
  const options = readExpectedVersion(given);
  const written = await onSecret(client, target, (secret) =>
    client.secrets.removeValue(secret, environment, options),
  );
  if (terminal.json) {
    sayWritten(terminal, target, written);
    return;
  }
  terminal.say(`Removed the value of ${describeTarget(target)} for ${showEnvironment(environment)}.`);
  sayStale(terminal, written.stale);
  return undefined;
};

/** Deletes the secret; asks only before destroying it. */
export async function deleteTarget(
  client: Client,
  target: Target,
  { given, terminal }: { readonly given: CommandInput; readonly terminal: CommandTerminal },
): Promise<undefined> {
  const what = describeTarget(target);
  const purge = given.has('purge');
  const options = {
    ...readExpectedVersion(given),
    ...(purge ? { purge } : {}),
    ...(given.has('force') ? { force: true } : {}),
  };
  if (purge) await confirmPurge(given, terminal, what);
  const deleted = await onSecret(client, target, (secret) => client.secrets.delete(secret, options));
  if (terminal.json) {
    terminal.printJson(deleted);
    return;
  }
  const until =
    deleted.restoreUntil === null
      ? ''
      : `; until ${showInstant(deleted.restoreUntil)} it can be restored: coffer secrets restore --id ${deleted.id}`;
  terminal.say(`${deleted.purged ? 'Destroyed' : 'Deleted'} ${what}${until}.`);
  sayStale(terminal, deleted.workloads);
}

export const deleteSecret: RunnableCommand = {
  name: 'delete',
  aliases: ['rm', 'remove'],
  summary: 'delete a secret, or its value for one environment',
  description:
    'A deleted secret reaches nobody and can be restored until its retention period ends. Running workloads keep\n' +
    'what they were given until they stop.',
  arguments: targetArguments,
  options: [
    ...targetOptions,
    { ...environmentOption, summary: 'remove only the value for this environment (* for the common one)' },
    ...deleteOptions,
  ],
  examples: [
    'coffer secrets delete STRIPE_API_KEY',
    'coffer secrets delete support-bot STRIPE_API_KEY --env staging',
    'coffer secrets delete support-bot STRIPE_API_KEY --purge --yes',
  ],
  load: () => Promise.resolve(act),
};
