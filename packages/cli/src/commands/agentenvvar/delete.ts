import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { deleteTarget } from '../secrets/delete.ts';
import { deleteOptions } from '../secrets/options.ts';
import { agentKeyOptions, idArguments, noun, readVariable } from './words.ts';

const act: CommandAction = async (given, terminal) => {
  const target = readVariable(given);
  const client = openClient(given, terminal);
  await deleteTarget(client, target, { given, terminal });
};

export const deleteVariable: RunnableCommand = {
  ...noun,
  summary: 'delete a secret of an agent',
  arguments: idArguments,
  options: [...agentKeyOptions, ...deleteOptions],
  examples: ['coffer delete agentenvvar sec_01JD0000000000000000000000'],
  load: () => Promise.resolve(act),
};
