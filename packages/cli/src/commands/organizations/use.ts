import type { CommandAction, RunnableCommand } from '@coffer/contract';
import { openClient } from '../../connection/open-client.ts';
import { findSetting } from '../../connection/configuration-folder.ts';
import { storeActiveOrganization } from '../../connection/stored-login.ts';

const act: CommandAction = async (given, terminal) => {
  const client = openClient(given, terminal);
  const { slug } = await client.organizations.get(given.positionals[0] ?? '');
  storeActiveOrganization(terminal.environment, slug);
  if (terminal.json) terminal.printJson({ organization: slug });
  else terminal.say(`Commands are about ${slug} now.`);
  if (findSetting(terminal.environment, 'COFFER_ORG') !== undefined) {
    terminal.say('warning: COFFER_ORG is set and wins');
  }
  return undefined;
};

export const useOrganization: RunnableCommand = {
  name: 'use',
  summary: 'choose the organization that commands of the stored login are about',
  arguments: [{ name: 'slug', completes: 'organization', summary: 'the organization’s slug' }],
  examples: ['coffer org use acme'],
  load: () => Promise.resolve(act),
};
