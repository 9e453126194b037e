import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { usageError } from '../../terminal/usage.ts';
import { organizationOption } from '../options.ts';
import { showSwitch } from './show-switch.ts';

const act: CommandAction = async (given, terminal) => {
  const [name = '', ...words] = given.positionals;
  const value = name === 'people_may_run' ? readRoles(words) : readWord(words);
  const client = openClient(given, terminal);
  const written = await client.policy.set(name, value);
  if (terminal.json) terminal.printJson(written);
  else terminal.say(`${written.name} is ${showSwitch(written.value)} now.`);
  return undefined;
};

function readWord(words: readonly string[]): string | number {
  const [word, ...more] = words;
  if (word === undefined || more.length > 0) throw usageError('The switch takes one value.');
  return /^\d{1,9}$/.test(word) ? Number(word) : word;
}

/** `development=owner,admin staging= production=`: who may start agents in which environment. */
function readRoles(words: readonly string[]): Record<string, string[]> {
  const roles = new Map<string, string[]>();
  for (const word of words) {
    const [, environment, list] = /^([a-z0-9-]+)=([a-z,]*)$/.exec(word) ?? [];
    if (environment === undefined || list === undefined) {
      throw usageError('people_may_run takes environment=role,role for each environment.');
    }
    roles.set(
      environment,
      list.split(',').filter((role) => role !== ''),
    );
  }
  if (roles.size === 0) throw usageError('The value of people_may_run is missing.');
  return Object.fromEntries(roles);
}

export const setPolicy: RunnableCommand = {
  name: 'set',
  summary: 'set one switch of the organization’s policy',
  description: 'people_may_run takes, for each environment, the roles whose people may start agents there.',
  arguments: [
    { name: 'NAME', summary: 'the switch' },
    { name: 'VALUE', repeatable: true, summary: 'its value' },
  ],
  options: [organizationOption],
  examples: [
    'coffer policy set preview none',
    'coffer policy set people_may_run development=owner,admin staging= production=',
  ],
  load: () => Promise.resolve(act),
};
