import type { CommandAction, CommandTerminal, Whoami } from '@coffer/contract';
import { readClientOptions } from '../../connection/client-options.ts';
import { createClient } from '@coffer/sdk';
import { showInstant } from '../read-option.ts';

export const showCaller: CommandAction = async (given, terminal) => {
  const options = readClientOptions(given, terminal);
  const who = await createClient(options).whoami();
  if (terminal.json) terminal.printJson({ ...who, url: options.baseUrl });
  else printCaller(terminal, who, options.baseUrl ?? '');
  return undefined;
};

function printCaller(terminal: CommandTerminal, who: Whoami, url: string): void {
  const lines: [string, string][] = [['Server', url]];
  if (who.email !== null) lines.push(['Email', who.email]);
  if (who.key !== null) {
    const { name, id, agent, project, environments, rights, expiresAt } = who.key;
    lines.push(['API key', name === '' ? id : `${name} (${id})`], ['Rights of the key', rights.join(', ')]);
    if (agent !== null) lines.push(['Agent', agent]);
    if (project !== null) lines.push(['Project', project]);
    lines.push(['Environments', environments?.join(', ') ?? 'all'], ['Expires', showInstant(expiresAt)]);
  }
  if (who.organization !== null) lines.push(['Organization', who.organization.slug]);
  if (who.role !== null) lines.push(who.key === null ? ['Role', who.role] : ['Role of its maker', who.role]);
  const others = who.organizations.filter(({ id }) => id !== who.organization?.id);
  if (others.length > 0) lines.push(['Other organizations', others.map(({ slug }) => slug).join(', ')]);
  const width = Math.max(...lines.map(([title]) => title.length));
  for (const [title, text] of lines) terminal.print(`${title.padEnd(width)}  ${text}`);
}
