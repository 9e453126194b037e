import type { CommandAction, CommandInput, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { usageError } from '../../terminal/usage.ts';
import { refuseAgentAsNewName } from './agent-in-place-of-name.ts';
import {
  detailOptions,
  expectVersionOption,
  placeOptions,
  readDetails,
  readEnvironment,
  readExpectedVersion,
  valueOptions,
} from './options.ts';
import { readPlace, type Place } from './place.ts';
import { readValue } from './read-value.ts';
import { sayWritten } from './say-written.ts';
import { withValuesHint } from './values-hint.ts';

/** `<agent> KEY [VALUE]`; `KEY [VALUE]` with --agent or --project; `KEY` alone for the vault. */
function readWords(given: CommandInput): { place: Place; name: string; word: string | undefined } {
  const [first, second, third] = given.positionals;
  if (first === undefined) throw usageError('The name of the secret is missing.');
  if (given.has('agent') || given.has('project')) {
    if (third !== undefined) readPlace(given, first);
    return { place: readPlace(given, undefined), name: first, word: second };
  }
  if (second === undefined) return { place: readPlace(given, undefined), name: first, word: undefined };
  return { place: readPlace(given, first), name: second, word: third };
}

const act: CommandAction = async (given, terminal) => {
  const { place, name, word } = readWords(given);
  const client = openClient(given, terminal);
  await refuseAgentAsNewName(client, { place, name });
  const isPlain = given.has('plain');
  const value = await readValue(given, terminal, { name, word, hidden: !isPlain });
  const options = {
    ...readDetails(given),
    ...readEnvironment(given),
    ...readExpectedVersion(given),
    ...(isPlain ? { kind: 'plain' as const } : {}),
  };
  const written = await client.secrets.set(place.owner, name, value, options).catch((failure: unknown) => {
    throw withValuesHint(failure, { ...readEnvironment(given), value });
  });
  sayWritten(terminal, { place, name, isPlain }, written);
};

export const setSecret: RunnableCommand = {
  name: 'set',
  summary: 'create a secret, or replace its value',
  description:
    'Forms: <agent> KEY [VALUE]; KEY [VALUE] with --agent or --project; KEY alone for the organization’s vault.\n' +
    'Asks for the value, unless it is given, without showing what is typed.\n' +
    'Share a secret by storing it where its agents get it, never by sending the value by mail, chat or document.',
  arguments: [
    { name: 'agent', optional: true, completes: 'agent', summary: 'the agent' },
    { name: 'KEY', optional: true, completes: 'secret', summary: 'the secret’s name' },
    { name: 'VALUE', optional: true, summary: 'the value; it stays in the shell history' },
  ],
  options: [
    ...placeOptions,
    ...valueOptions,
    ...detailOptions,
    expectVersionOption,
    { name: 'plain', summary: 'make it a variable: stored and shown as text' },
  ],
  examples: [
    'coffer secrets set support-bot STRIPE_API_KEY',
    'coffer secrets set support-bot STRIPE_API_KEY --env production --value-file key.txt',
    'pass show stripe | coffer secrets set --project default STRIPE_API_KEY --value-file -',
  ],
  load: () => Promise.resolve(act),
};
