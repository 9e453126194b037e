import type { CommandAction, CommandInput, KeyCreate, Right, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { usageError } from '../../terminal/usage.ts';
import { agentOption, environmentOption, organizationOption, projectOption } from '../options.ts';
import { readDays, showInstant } from '../read-option.ts';

const rights: readonly Right[] = ['read', 'write', 'deploy', 'run', 'admin'];

const act: CommandAction = async (given, terminal) => {
  const wanted = readKey(given);
  const client = openClient(given, terminal);
  const created = await client.keys.create(wanted);
  if (terminal.json) terminal.printJson(created);
  else {
    terminal.print(created.key);
    terminal.say(`Key ${created.id} works until ${showInstant(created.expiresAt)}. It is shown this once.`);
  }
  return undefined;
};

function readKey(given: CommandInput): KeyCreate {
  const agent = given.text('agent');
  const project = given.text('project');
  if (agent !== undefined && project !== undefined)
    throw usageError('--agent and --project exclude each other.');
  const wanted = given.texts('right').flatMap(splitList);
  if (wanted.length === 0) throw usageError(`--right is missing; it is one of: ${rights.join(', ')}.`);
  if (!wanted.every(isRight)) throw usageError(`--right is one of: ${rights.join(', ')}.`);
  const environments = given.texts('environment').flatMap(splitList);
  const expires = given.text('expires');
  const name = given.text('name');
  return {
    rights: wanted,
    ...(agent === undefined ? {} : { agent }),
    ...(project === undefined ? {} : { project }),
    ...(environments.length === 0 ? {} : { environments }),
    ...(expires === undefined ? {} : { expiresInDays: readDays('expires', expires) }),
    ...(name === undefined ? {} : { name }),
  };
}

const splitList = (list: string): string[] => list.split(',').filter((item) => item !== '');
const isRight = (text: string): text is Right => rights.some((right) => right === text);

export const createKey: RunnableCommand = {
  name: 'create',
  summary: 'make an API key; prints the key, this once',
  description:
    'A key is for an agent or a project, or with the right admin for the whole organization. A key with the\n' +
    'right run names its agent and environments.',
  options: [
    { ...agentOption, summary: 'narrow the key to this agent' },
    { ...projectOption, summary: 'narrow the key to this project' },
    {
      name: 'right',
      value: 'RIGHT',
      completes: 'right',
      repeatable: true,
      summary: 'what it may do: read, write, deploy, run, admin',
    },
    { ...environmentOption, repeatable: true, summary: 'narrow the key to this environment' },
    { name: 'expires', value: 'DAYS', summary: 'how long it works, as in 30d (90d)' },
    { name: 'name', value: 'NAME', summary: 'a name for people' },
    organizationOption,
  ],
  examples: [
    'coffer key create --agent support-bot --right run --env production --expires 30d',
    'coffer key create --agent support-bot --right write --right deploy --env staging --name ci',
  ],
  load: () => Promise.resolve(act),
};
