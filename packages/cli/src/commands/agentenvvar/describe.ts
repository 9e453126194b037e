import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { describeSecret } from '../secrets/get.ts';
import { agentKeyOptions, idArguments, noun, readVariable } from './words.ts';

const act: CommandAction = async (given, terminal) => {
  const target = readVariable(given);
  const client = openClient(given, terminal);
  await describeSecret(client, target, terminal);
};

export const describeVariable: RunnableCommand = {
  ...noun,
  summary: 'show all metadata of an agent’s secret: preview and versions, never a sealed value',
  arguments: idArguments,
  options: agentKeyOptions,
  examples: ['coffer describe agentenvvar sec_01JD0000000000000000000000'],
  load: () => Promise.resolve(act),
};
