import type { CommandArgument, CommandInput, CommandOption } from '@coffer/contract';
import type { SecretChanges } from '@coffer/sdk';
import { usageError } from '../../terminal/usage.ts';
import { agentOption, environmentOption, organizationOption, projectOption, yesOption } from '../options.ts';
import { readDays, readInstant, readWholeNumber } from '../read-option.ts';

export const placeOptions: readonly CommandOption[] = [agentOption, projectOption, organizationOption];

const idOption: CommandOption = {
  name: 'id',
  value: 'ID',
  summary: 'the secret’s id, in place of agent and NAME',
};

/** `[agent] NAME`, counted. */
export const targetArguments: readonly CommandArgument[] = [
  {
    name: 'agent',
    optional: true,
    completes: 'agent',
    summary: 'the agent; without it and --project the organization’s vault',
  },
  { name: 'NAME', optional: true, completes: 'secret', summary: 'the secret’s name or id' },
];
export const targetOptions: readonly CommandOption[] = [...placeOptions, idOption];

export const placeArguments: readonly CommandArgument[] = [
  {
    name: 'agent',
    optional: true,
    completes: 'agent',
    summary: 'the agent; without it and --project the organization’s vault',
  },
];

export const valueOptions: readonly CommandOption[] = [
  { name: 'value', value: 'TEXT', summary: 'the value; it stays in the shell history' },
  {
    name: 'value-file',
    value: 'PATH',
    summary: 'a file with the value, - for stdin; one trailing line break is dropped',
  },
  {
    ...environmentOption,
    summary: 'the environment the value is for; without it the value serves all of them (*)',
  },
];

/** Of the commands that change a secret: a value for each of several environments, in one write. */
const valuesOptions: readonly CommandOption[] = [
  {
    name: 'value-for',
    value: 'ENVIRONMENT=TEXT',
    repeatable: true,
    summary: 'the value for one environment of several (* for the common one); it stays in the shell history',
  },
  {
    name: 'value-file-for',
    value: 'ENVIRONMENT=PATH',
    repeatable: true,
    summary: 'the same, from a file',
  },
];

export const expectVersionOption: CommandOption = {
  name: 'expect-version',
  value: 'N',
  summary: 'write only if the value’s current version is N (0: none yet)',
};

/** Of the commands that delete a secret. */
export const deleteOptions: readonly CommandOption[] = [
  { name: 'purge', summary: 'destroy the values at once and for good' },
  { name: 'force', summary: 'delete even where something refers to it (in this release nothing does)' },
  { ...expectVersionOption, summary: 'delete only if the value’s current version is N' },
  yesOption,
];

/** Of the commands that change a secret. */
const kindOptions: readonly CommandOption[] = [
  {
    name: 'plain',
    summary: 'make it a variable; needs a new value for each environment that has one (--value-for)',
  },
  { name: 'sealed', summary: 'make it a sealed secret, with all its versions' },
];

const descriptionOption: CommandOption = {
  name: 'description',
  short: 'd',
  value: 'TEXT',
  summary: 'what the secret serves, how it may be rotated',
};

export const detailOptions: readonly CommandOption[] = [
  descriptionOption,
  {
    name: 'exposure',
    value: 'HOW',
    choices: ['env', 'broker'],
    summary: 'whether the process gets the value or a placeholder',
  },
  {
    name: 'allow-host',
    value: 'HOST',
    repeatable: true,
    summary: 'a host that a brokered value may go to',
  },
  { name: 'tag', value: 'TAG', repeatable: true, summary: 'a tag' },
  { name: 'expires', value: 'WHEN', summary: 'when the credential expires: a date, or 90d from now' },
  { name: 'rotate-every', value: 'DAYS', summary: 'days between rotations, as in 90d' },
  {
    name: 'type',
    value: 'TYPE',
    choices: ['token', 'api_key', 'password', 'client_secret', 'other'],
    summary: 'the type of credential',
  },
];

/** What `--clear` takes: the options of `detailOptions` by their names, and what their fields are then. */
const clearable = {
  description: { description: '' },
  expires: { expiresAt: null },
  'rotate-every': { rotateEveryDays: null },
  type: { credentialType: null },
  tag: { tags: [] },
  'allow-host': { allowedHosts: [] },
} satisfies Record<string, SecretChanges>;

const clearOption: CommandOption = {
  name: 'clear',
  value: 'WHAT',
  repeatable: true,
  choices: Object.keys(clearable),
  summary: 'take away what an earlier option of this name set',
};

/** Of the commands that change a secret. */
export const changeOptions: readonly CommandOption[] = [
  ...valueOptions,
  ...valuesOptions,
  ...detailOptions,
  clearOption,
  expectVersionOption,
  ...kindOptions,
];

/** Reads `--clear`; what is cleared is not set in the same command. */
export function readCleared(given: CommandInput): SecretChanges {
  const cleared: SecretChanges = {};
  for (const name of given.texts('clear')) {
    if (given.has(name)) throw usageError(`--${name} is given and cleared.`, 'Leave one of them out.');
    Object.assign(cleared, clearable[name as keyof typeof clearable]);
  }
  return cleared;
}

/** Reads the options of `detailOptions`; what was not given is left out. */
export function readDetails(given: CommandInput): Omit<SecretChanges, 'value' | 'values' | 'kind'> {
  const description = given.text('description');
  const exposure = given.text('exposure');
  const expires = given.text('expires');
  const rotateEvery = given.text('rotate-every');
  const type = given.text('type');
  return {
    ...(description === undefined ? {} : { description }),
    ...(exposure === undefined ? {} : { exposure: exposure as 'env' | 'broker' }),
    ...(given.has('allow-host') ? { allowedHosts: [...given.texts('allow-host')] } : {}),
    ...(given.has('tag') ? { tags: [...given.texts('tag')] } : {}),
    ...(expires === undefined
      ? {}
      : { expiresAt: readInstant('expires', expires, { now: Date.now(), spansGo: 'forward' }) }),
    ...(rotateEvery === undefined ? {} : { rotateEveryDays: readDays('rotate-every', rotateEvery) }),
    ...(type === undefined ? {} : { credentialType: type as NonNullable<SecretChanges['credentialType']> }),
  };
}

export function readExpectedVersion(given: CommandInput): { expectVersion?: number } {
  const text = given.text('expect-version');
  return text === undefined ? {} : { expectVersion: readWholeNumber('expect-version', text, 0) };
}

/** The environment a value is written to, left out for all of them. */
export function readEnvironment(given: CommandInput): { environment?: string } {
  const environment = given.text('environment');
  return environment === undefined ? {} : { environment };
}
