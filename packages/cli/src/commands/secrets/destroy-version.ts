import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { Declined } from '../../terminal/declined.ts';
import { usageError } from '../../terminal/usage.ts';
import { findRecord } from '../find-record.ts';
import { environmentOption, yesOption } from '../options.ts';
import { readWholeNumber } from '../read-option.ts';
import { targetArguments, targetOptions } from './options.ts';
import { describeTarget, onSecret, readTarget } from './target.ts';

const act: CommandAction = async (given, terminal) => {
  const target = readTarget(given);
  const text = given.text('version');
  if (text === undefined) throw usageError('--version N is missing.');
  const version = readWholeNumber('version', text, 1);
  const environment = given.text('environment') ?? '*';
  const what = `version ${version} (${environment}) of ${describeTarget(target)}`;
  if (!given.has('yes')) {
    if (!terminal.interactive)
      throw usageError('Nobody is there to confirm that it is destroyed.', 'Add --yes.');
    if (!(await terminal.confirm(`Destroy ${what} for good?`))) throw new Declined('Nothing was destroyed.');
  }
  const client = openClient(given, terminal);
  const record = await findRecord(terminal, () => onSecret(client, target, client.secrets.get));
  await onSecret(client, target, (secret) => client.secrets.destroyVersion(secret, { environment, version }));
  if (terminal.json) {
    const { id = null, name = null } = record ?? {};
    terminal.printJson({ id, name, environment, version, destroyed: true });
  } else terminal.say(`Destroyed ${what}.`);
  return undefined;
};

export const destroyVersion: RunnableCommand = {
  name: 'destroy-version',
  summary: 'destroy the value of one version for good; not of the current one',
  arguments: targetArguments,
  options: [
    ...targetOptions,
    { name: 'version', value: 'N', summary: 'the version' },
    { ...environmentOption, summary: 'the environment of that version; without it the common value (*)' },
    yesOption,
  ],
  examples: ['coffer secrets destroy-version STRIPE_API_KEY --version 2 --yes'],
  load: () => Promise.resolve(act),
};
