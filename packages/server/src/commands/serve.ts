import type { CommandAction, CommandTerminal } from '@coffer/contract';
import type { ServerConfig } from '../config.ts';
import { giveBackMemory } from '../give-back-memory.ts';
import type { OpenHouse } from '../house.ts';
import { startServer } from '../main.ts';
import { loginCommand } from './login-command.ts';
import { configOf } from './options.ts';

const sayOpened = (
  terminal: CommandTerminal,
  config: ServerConfig,
  { rootKeys, isFirstStart }: OpenHouse,
): void => {
  if (rootKeys.readableByOthers) {
    terminal.say(
      `Warning: others can read the root key ${rootKeys.place}; chmod 600 it unless a mount makes it so.`,
    );
  }
  if (!isFirstStart) return;
  terminal.say(
    `First start: made organization ${config.organization} with project default and owner ${config.owner}.`,
  );
  terminal.say(`The root key is ${rootKeys.place}.`);
  terminal.say('Whoever loses it loses every secret kept here: back it up now, apart from the database.');
};

/** Where an instance exists, the first owner and organization are there already, whatever is named now. */
const sayIgnored = async (
  terminal: CommandTerminal,
  { named: { owner, organization } }: ServerConfig,
  { database }: OpenHouse,
): Promise<void> => {
  const { slugs, isOwner } = await database.read(async (stores) => {
    const organizations = await stores.organizations.list();
    let known = false;
    for (const { id } of owner === undefined ? [] : organizations)
      known ||= (await stores.members.find(id, owner ?? ''))?.role === 'owner';
    return { slugs: organizations.map(({ slug }) => slug), isOwner: known };
  });
  if (organization !== undefined && !slugs.includes(organization)) {
    terminal.say(
      `Warning: --organization ${organization} is ignored, as this is not the first start: the database holds ${slugs.join(', ')}.`,
    );
  }
  if (owner !== undefined && !isOwner) {
    terminal.say(
      `Warning: --owner ${owner} is ignored, as this is not the first start. To make that person an owner: coffer server recover-owner ${owner}`,
    );
  }
};

const startIsOverMs = 1_000;

/** Runs until SIGINT or SIGTERM, then lets running requests end. */
export const serve: CommandAction = async (input, terminal) => {
  const config = configOf(input, terminal.environment);
  const server = await startServer(config, { onOpen: (house) => sayOpened(terminal, config, house) });
  const { house, url } = server;
  if (house.isFirstStart) terminal.say(`To get in, on this machine: ${loginCommand(config, { url })}`);
  else await sayIgnored(terminal, config, house);
  terminal.say(`Coffer listens on ${url}`);
  const whenQuiet = setTimeout(() => void giveBackMemory(), startIsOverMs).unref();
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  clearTimeout(whenQuiet);
  terminal.say('Stopping: running requests end first.');
  await server.close();
  return 0;
};
