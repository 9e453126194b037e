import { writeFile } from 'node:fs/promises';
import type { CommandAction, RunnableCommand } from '@coffer/contract';
import type { Client } from '@coffer/sdk';
import { openClient } from '../../connection/open-client.ts';
import { usageError } from '../../terminal/usage.ts';
import { collect } from '../collect.ts';
import { placeArguments, placeOptions } from './options.ts';
import { readPlace, type Place } from './place.ts';

interface Named {
  readonly name: string;
  readonly description: string;
}

const act: CommandAction = async (given, terminal) => {
  const place = readPlace(given, given.positionals[0]);
  const path = given.text('file') ?? '.env.example';
  const secrets = await listNames(openClient(given, terminal), place);
  if (terminal.json) terminal.printJson(secrets);
  else if (secrets.length === 0) terminal.say(`No secrets in ${place.words}.`);
  else if (path === '-') terminal.print(renderExample(secrets).trimEnd());
  else {
    await writeExample(path, renderExample(secrets), given.has('overwrite'));
    terminal.say(`Wrote ${secrets.length} names to ${path}; it holds no values and may be committed.`);
  }
  return undefined;
};

/** For an agent everything it receives, which its project gives it too. */
async function listNames(client: Client, { owner }: Place): Promise<readonly Named[]> {
  const listed =
    'agent' in owner
      ? (await client.agents.received(owner.agent)).items
      : await collect(client.secrets.listAll(owner));
  return listed.map(({ name, description }) => ({ name, description }));
}

/** Names with a placeholder each, their descriptions as comments; never a value. */
const renderExample = (secrets: readonly Named[]): string =>
  secrets
    .map(({ name, description }) => {
      const comments = description.split(/[\p{Cc}\p{Zl}\p{Zp}]+/u).filter((line) => line.trim() !== '');
      return [...comments.map((line) => `# ${line}`), `${name}=your-value-here`, ''].join('\n');
    })
    .join('\n');

async function writeExample(path: string, text: string, overwrite: boolean): Promise<void> {
  try {
    await writeFile(path, text, { flag: overwrite ? 'w' : 'wx' });
  } catch (failure) {
    const { code } = failure as NodeJS.ErrnoException;
    throw code === 'EEXIST'
      ? usageError(`${path} exists.`, 'Add --overwrite to replace it, or name another --file.')
      : usageError(`${path} cannot be written (${code ?? 'unknown error'}).`);
  }
}

export const writeExampleFile: RunnableCommand = {
  name: 'example',
  summary: 'write .env.example: names, descriptions and placeholders, never values',
  arguments: placeArguments,
  options: [
    ...placeOptions,
    { name: 'file', short: 'f', value: 'PATH', summary: 'the file to write (.env.example), - for stdout' },
    { name: 'overwrite', summary: 'replace the file where it exists' },
  ],
  examples: ['coffer secrets example support-bot', 'coffer secrets example support-bot --file -'],
  load: () => Promise.resolve(act),
};
