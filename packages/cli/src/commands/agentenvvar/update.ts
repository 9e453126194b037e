import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { changeOptions } from '../secrets/options.ts';
import { updateTarget } from '../secrets/update.ts';
import { agentKeyOptions, idArguments, noun, readVariable } from './words.ts';

const act: CommandAction = async (given, terminal) => {
  const target = readVariable(given);
  const client = openClient(given, terminal);
  await updateTarget(client, target, { given, terminal });
};

export const updateVariable: RunnableCommand = {
  ...noun,
  summary: 'change the value or the description of an agent’s secret',
  description: 'Only what is given changes. Given nothing to change, it asks for a new value.',
  arguments: idArguments,
  options: [...agentKeyOptions, ...changeOptions],
  examples: [
    'coffer update agentenvvar sec_01JD0000000000000000000000 --value-file key.txt',
    'coffer update agentenvvar --agent support-bot --key STRIPE_API_KEY --description "charges cards"',
  ],
  load: () => Promise.resolve(act),
};
