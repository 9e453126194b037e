import type { CommandTerminal } from '@coffer/contract';
import { CofferError } from '@coffer/contract/errors';

/**
 * With `--json`, the record that is about to go, for its ids: the server's answer holds nothing. Undefined
 * where the caller may not read it or there is none, which is for the write itself to refuse.
 */
export async function findRecord<Found>(
  terminal: CommandTerminal,
  find: () => Promise<Found | undefined>,
): Promise<Found | undefined> {
  if (!terminal.json) return undefined;
  try {
    return await find();
  } catch (failure) {
    if (failure instanceof CofferError && failure.exitCode !== 8) return undefined;
    throw failure;
  }
}

export async function findIn<Item>(
  items: AsyncIterable<Item>,
  isMeant: (item: Item) => boolean,
): Promise<Item | undefined> {
  for await (const item of items) if (isMeant(item)) return item;
  return undefined;
}
