import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { detailOptions, readDetails, readEnvironment, valueOptions } from '../secrets/options.ts';
import { readValue } from '../secrets/read-value.ts';
import { sayWritten } from '../secrets/say-written.ts';
import { agentKeyOptions, noun, readAgent, readKey } from './words.ts';

const act: CommandAction = async (given, terminal) => {
  const place = readAgent(given);
  const name = readKey(given);
  const client = openClient(given, terminal);
  const value = await readValue(given, terminal, { name, hidden: !given.has('plain') });
  const written = await client.secrets.create(place.owner, name, value, {
    ...readDetails(given),
    ...readEnvironment(given),
    ...(given.has('plain') ? { kind: 'plain' as const } : {}),
  });
  sayWritten(terminal, { place, name }, written);
};

export const createVariable: RunnableCommand = {
  ...noun,
  summary: 'create a secret of an agent',
  options: [
    ...agentKeyOptions,
    ...valueOptions,
    ...detailOptions,
    { name: 'plain', summary: 'make it a variable: stored and shown as text' },
  ],
  examples: [
    'coffer create agentenvvar --agent support-bot --key STRIPE_API_KEY --description "charges cards"',
  ],
  load: () => Promise.resolve(act),
};
