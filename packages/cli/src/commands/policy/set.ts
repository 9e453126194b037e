import type { CommandAction, RunnableCommand } from '@coffer/contract';
import type { Client } from '@coffer/sdk';
import { openClient } from '../../connection/open-client.ts';
import { usageError } from '../../terminal/usage.ts';
import { organizationOption } from '../options.ts';
import { unlessForbidden } from '../unless-forbidden.ts';
import { showSwitch } from './show-switch.ts';

const act: CommandAction = async (given, terminal) => {
  const [name = '', ...words] = given.positionals;
  const byEnvironment = name === 'people_may_run';
  const value = byEnvironment ? readRoles(words) : readWord(words);
  const client = openClient(given, terminal);
  const before = byEnvironment && !terminal.json ? await findRoles(client) : {};
  const written = await client.policy.set(name, value);
  if (terminal.json) terminal.printJson(written);
  else {
    terminal.say(`${written.name} is ${showSwitch(written.value)} now.`);
    const dropped = listDropped(before, written.value as RunRoles);
    if (dropped !== '') terminal.say(`It replaced all that stood before; no longer allowed: ${dropped}.`);
  }
  return undefined;
};

type RunRoles = Readonly<Record<string, readonly string[]>>;

/** The roles that stand now; none for a caller who may not read the policy. */
const findRoles = async (client: Client): Promise<RunRoles> =>
  (await unlessForbidden(() => client.policy.get()))?.people_may_run ?? {};

/** What was allowed before and is not now, as `policy set` takes it. */
function listDropped(before: RunRoles, now: RunRoles): string {
  const lost = Object.entries(before).map(
    ([environment, roles]) =>
      [environment, roles.filter((role) => !now[environment]?.includes(role))] as const,
  );
  return showSwitch(Object.fromEntries(lost.filter(([, roles]) => roles.length > 0)));
}

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
  description:
    'people_may_run takes, for each environment, the roles whose people may start agents there. It replaces all that\n' +
    'stood before: in an environment that is not named, people start nothing any more. Name all of them each time.',
  arguments: [
    { name: 'NAME', completes: 'policy_switch', summary: 'the switch' },
    { name: 'VALUE', repeatable: true, completes: 'policy_value', summary: 'its value' },
  ],
  options: [organizationOption],
  examples: [
    'coffer policy set preview none',
    'coffer policy set people_may_run development=owner,admin staging= production=',
  ],
  load: () => Promise.resolve(act),
};
