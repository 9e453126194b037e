import { commands } from '@coffer/cli';

/** All commands; those of the server, which load the server, only where no other command is meant. */
export async function listCommands(first: string | undefined) {
  const isKnown =
    first === '--version' ||
    first === '-V' ||
    commands.some(({ name, aliases }) => name === first || aliases?.includes(first ?? ''));
  return isKnown ? commands : [...commands, ...(await import('@coffer/server')).serverCommands];
}
