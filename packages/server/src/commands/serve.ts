import type { CommandAction, CommandTerminal } from '@coffer/contract';
import type { ServerConfig } from '../config.ts';
import { startServer, type RunningServer } from '../main.ts';
import { giveBackMemory } from '../give-back-memory.ts';
import { configOf } from './options.ts';

const greet = (terminal: CommandTerminal, config: ServerConfig, server: RunningServer): void => {
  const { rootKeys, isFirstStart } = server.house;
  if (rootKeys.readableByOthers) {
    terminal.say(
      `Warning: others can read the root key ${rootKeys.place}; chmod 600 it unless a mount makes it so.`,
    );
  }
  if (isFirstStart) {
    terminal.say(
      `First start: made organization ${config.organization} with project default and owner ${config.owner}.`,
    );
    terminal.say(`The root key is ${rootKeys.place}.`);
    terminal.say('Whoever loses it loses every secret kept here: back it up now, apart from the database.');
    terminal.say(
      `To get in, on this machine: coffer login --local${config.dataDir === '' ? '' : ` --data-dir ${config.dataDir}`}`,
    );
  }
  terminal.say(`Coffer listens on ${server.url}`);
};

const startIsOverMs = 1_000;

/** Runs until SIGINT or SIGTERM, then lets running requests end. */
export const serve: CommandAction = async (input, terminal) => {
  const config = configOf(input, terminal.environment);
  const server = await startServer(config);
  greet(terminal, config, server);
  const whenQuiet = setTimeout(() => void giveBackMemory(), startIsOverMs).unref();
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  clearTimeout(whenQuiet);
  terminal.say('Stopping: running requests end first.');
  await server.close();
  return 0;
};
