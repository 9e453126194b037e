import type { CommandAction, CommandInput, CommandTerminal, RunnableCommand } from '@coffer/contract';
import { CofferError } from '@coffer/contract/errors';
import type { Client, SecretChanges } from '@coffer/sdk';
import { openClient } from '../../connection/open-client.ts';
import { usageError } from '../../terminal/usage.ts';
import {
  changeOptions,
  readCleared,
  readDetails,
  readEnvironment,
  readExpectedVersion,
  targetArguments,
  targetOptions,
} from './options.ts';
import { findValue, findValues, readValue } from './read-value.ts';
import { sayWritten } from './say-written.ts';
import { onSecret, readTarget, type Target } from './target.ts';
import { withValuesHint } from './values-hint.ts';

const act: CommandAction = async (given, terminal) => {
  const target = readTarget(given);
  const client = openClient(given, terminal);
  await updateTarget(client, target, { given, terminal });
};

interface CommandLine {
  readonly given: CommandInput;
  readonly terminal: CommandTerminal;
}

/** Changes what is given; asks for a new value where nothing is. */
export async function updateTarget(client: Client, target: Target, { given, terminal }: CommandLine) {
  const changes: SecretChanges = { ...readDetails(given), ...readCleared(given), ...readKind(given) };
  const value = await findValue(given, terminal);
  const values = await findValues(given, terminal);
  if (value !== undefined) changes.value = value;
  else if (values !== undefined) changes.values = values;
  else if (Object.keys(changes).length === 0) {
    changes.value = await readValue(given, terminal, {
      name: 'id' in target ? target.id : target.name,
      hidden: !(terminal.interactive && (await isPlain(client, target))),
    });
  }
  if (changes.value === undefined && given.has('environment')) {
    throw usageError('--env says which value is written, and no value is given.');
  }
  Object.assign(changes, readEnvironment(given));
  const options = readExpectedVersion(given);
  const written = await onSecret(client, target, (secret) =>
    client.secrets.update(secret, changes, options),
  ).catch((failure: unknown) => {
    throw withValuesHint(failure, changes);
  });
  sayWritten(terminal, target, written);
}

function readKind(given: CommandInput): Pick<SecretChanges, 'kind'> {
  if (given.has('plain') && given.has('sealed')) throw usageError('--plain and --sealed exclude each other.');
  return given.has('plain') ? { kind: 'plain' } : given.has('sealed') ? { kind: 'sealed' } : {};
}

/** A variable's prompt echoes. Who may write but not read metadata types unseen. */
async function isPlain(client: Client, target: Target): Promise<boolean> {
  try {
    const { kind } = await onSecret(client, target, (secret) => client.secrets.get(secret));
    return kind === 'plain';
  } catch (failure) {
    if (failure instanceof CofferError && failure.code === 'forbidden') return false;
    throw failure;
  }
}

export const updateSecret: RunnableCommand = {
  name: 'update',
  summary: 'change a secret: its value, description, kind or other metadata',
  description:
    'Only what is given changes. Given nothing to change, it asks for a new value: unseen for a secret, seen for\n' +
    'a variable.',
  arguments: targetArguments,
  options: [...targetOptions, ...changeOptions],
  examples: [
    'coffer secrets update STRIPE_API_KEY',
    'coffer secrets update support-bot STRIPE_API_KEY --description "charges cards; rotate in the dashboard"',
    'coffer secrets update STRIPE_API_KEY --clear expires --clear rotate-every',
    'coffer secrets update REGION --sealed',
    'coffer secrets update REGION --plain --value-for staging=eu-west-1 --value-for production=eu-north-1',
  ],
  load: () => Promise.resolve(act),
};
