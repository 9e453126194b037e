import { serverCommands } from '@coffer/server';

/** The flags of `coffer server`, each of them a setting. */
export const settingNames = (): string[] => {
  const server = serverCommands.find(({ name }) => name === 'server');
  if (server === undefined || !('load' in server)) throw new Error('There is no command coffer server');
  return (server.options ?? []).map(({ name }) => name);
};
