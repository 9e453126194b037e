import type { CommandAction, CommandInput, CommandTerminal, RunnableCommand } from '@coffer/contract';
import type { Client } from '@coffer/sdk';
import { openClient } from '../../connection/open-client.ts';
import { countOf } from '../../terminal/count-of.ts';
import { Declined } from '../../terminal/declined.ts';
import { usageError } from '../../terminal/usage.ts';
import { organizationOption, yesOption } from '../options.ts';
import { sayStale } from '../secrets/say-written.ts';
import { unlessForbidden } from '../unless-forbidden.ts';
import { agentArguments } from './agent-options.ts';
import { findSecretNames } from './secrets-of-agent.ts';

const act: CommandAction = async (given, terminal) => {
  const [agent = ''] = given.positionals;
  const purge = given.has('purge');
  const client = openClient(given, terminal);
  if (!(await isConfirmed(client, agent, { given, terminal }))) throw new Declined('Nothing was deleted.');
  const deleted = await client.agents.delete(agent, purge ? { purge } : {});
  if (terminal.json) terminal.printJson(deleted);
  else {
    const what = `${deleted.slug} and ${countOf(deleted.secrets, 'secret of its own')}`;
    const restore = `to restore: coffer agent restore ${deleted.id}`;
    terminal.say(deleted.purged ? `Destroyed ${what}.` : `Deleted ${what}; ${restore}.`);
    sayStale(terminal, deleted.workloads);
  }
  return undefined;
};

/**
 * Says what goes with the agent and asks: where it has secrets or running workloads and policy
 * `delete` is not `allow`, and before destroying in any case. Without a person `--yes` has to answer.
 */
async function isConfirmed(
  client: Client,
  agent: string,
  { given, terminal }: { readonly given: CommandInput; readonly terminal: CommandTerminal },
): Promise<boolean> {
  const purge = given.has('purge');
  if (given.has('yes')) return true;
  const names = await findSecretNames(client, agent);
  const running = await unlessForbidden(() => countRunning(client, agent));
  if (!purge && names?.length === 0 && running === 0) return true;
  if (!purge && (await isAllowedUnasked(client))) return true;
  const secrets = names === undefined ? 'its secrets' : countOf(names.length, 'secret of its own');
  const workloads = running === undefined || running === 0 ? '' : `; ${countOf(running, 'workload')} running`;
  if (!terminal.interactive) {
    throw usageError(
      `${purge ? '--purge destroys' : 'This deletes'} ${agent} and ${secrets}${purge ? ' for good' : ''}${workloads}, ` +
        'and nobody is there to confirm it.',
      'Add --yes.',
    );
  }
  return await terminal.confirm(`${purge ? 'Destroy' : 'Delete'} ${agent} and ${secrets}${workloads}?`);
}

async function countRunning(client: Client, agent: string): Promise<number> {
  const listIn = (state: 'starting' | 'running') => client.workloads.list({ agent, state, limit: 1000 });
  const pages = await Promise.all([listIn('starting'), listIn('running')]);
  return pages.flatMap(({ items }) => items).length;
}

const isAllowedUnasked = async (client: Client): Promise<boolean> =>
  (await unlessForbidden(async () => (await client.policy.get()).delete)) === 'allow';

export const deleteAgent: RunnableCommand = {
  name: 'delete',
  aliases: ['remove', 'rm'],
  summary: 'delete an agent and its own secrets; both can be restored for a while',
  description:
    'An agent that has secrets of its own or running workloads is deleted after a question, unless policy delete is\n' +
    'allow; without a terminal --yes has to answer it. Running workloads keep what they were given until they stop.',
  arguments: agentArguments,
  options: [{ name: 'purge', summary: 'destroy both at once and for good' }, yesOption, organizationOption],
  examples: [
    'coffer agent delete support-bot',
    'coffer agent delete support-bot --yes',
    'coffer agent delete support-bot --purge --yes',
  ],
  load: () => Promise.resolve(act),
};
