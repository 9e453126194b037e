import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { CofferError } from '@coffer/contract/errors';
import { openClient } from '../../connection/open-client.ts';
import { organizationOption } from '../options.ts';
import { showSwitch } from './show-switch.ts';

const act: CommandAction = async (given, terminal) => {
  const [name] = given.positionals;
  const client = openClient(given, terminal);
  const policy: Readonly<Record<string, unknown>> = await client.policy.get();
  if (name === undefined) {
    if (terminal.json) terminal.printJson(policy);
    else {
      const rows = Object.entries(policy).map(([switchName, value]) => [switchName, showSwitch(value)]);
      await terminal.printTable(['SWITCH', 'VALUE'], rows);
    }
    return undefined;
  }
  if (!Object.hasOwn(policy, name)) {
    throw new CofferError('policy_unavailable', {
      detail: 'The policy has no such switch.',
      hint: '`coffer policy get` lists them.',
    });
  }
  if (terminal.json) terminal.printJson({ name, value: policy[name] });
  else terminal.print(showSwitch(policy[name]));
  return undefined;
};

export const getPolicy: RunnableCommand = {
  name: 'get',
  aliases: ['list'],
  summary: 'show the organization’s policy, or one switch of it',
  arguments: [{ name: 'NAME', optional: true, completes: 'policy_switch', summary: 'the switch' }],
  options: [organizationOption],
  examples: ['coffer policy get', 'coffer policy get people_may_run'],
  load: () => Promise.resolve(act),
};
