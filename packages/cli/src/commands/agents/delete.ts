import type { CommandAction, CommandInput, CommandTerminal, RunnableCommand } from '@coffer/contract';
import type { Client } from '@coffer/sdk';
import { openClient } from '../../connection/open-client.ts';
import { Declined } from '../../terminal/declined.ts';
import { usageError } from '../../terminal/usage.ts';
import { organizationOption, yesOption } from '../options.ts';
import { sayStale } from '../secrets/say-written.ts';
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
    const what = `${deleted.slug} and ${deleted.secrets} secrets of its own`;
    const restore = `to restore: coffer agent restore ${deleted.id}`;
    terminal.say(deleted.purged ? `Destroyed ${what}.` : `Deleted ${what}; ${restore}.`);
    sayStale(terminal, deleted.workloads);
  }
  return undefined;
};

/** Says how many secrets go with it and asks; without a person, only destroying needs `--yes`. */
async function isConfirmed(
  client: Client,
  agent: string,
  { given, terminal }: { readonly given: CommandInput; readonly terminal: CommandTerminal },
): Promise<boolean> {
  const purge = given.has('purge');
  if (given.has('yes')) return true;
  if (!terminal.interactive) {
    if (!purge) return true;
    throw usageError(
      '--purge destroys the agent’s secrets for good, and nobody is there to confirm it.',
      'Add --yes.',
    );
  }
  const names = await findSecretNames(client, agent);
  if (names?.length === 0 && !purge) return true;
  const secrets = names === undefined ? 'its secrets' : `${names.length} secrets of its own`;
  return await terminal.confirm(`${purge ? 'Destroy' : 'Delete'} ${agent} and ${secrets}?`);
}

export const deleteAgent: RunnableCommand = {
  name: 'delete',
  aliases: ['remove', 'rm'],
  summary: 'delete an agent and its own secrets; both can be restored for a while',
  arguments: agentArguments,
  options: [{ name: 'purge', summary: 'destroy both at once and for good' }, yesOption, organizationOption],
  examples: ['coffer agent delete support-bot', 'coffer agent delete support-bot --purge --yes'],
  load: () => Promise.resolve(act),
};
