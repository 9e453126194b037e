import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options: {
  readonly type: 'major';
  readonly execution: 'async';
  readonly flavor: 'last-resort';
}) => Promise<void>;

/**
 * Gives back to the system what only the start needed, about 40 MB: V8 keeps the pages of a heap that has
 * shrunk, and lets go of them in a collection of this kind alone. Takes about a tenth of a second.
 */
export const giveBackMemory = async (): Promise<void> => {
  setFlagsFromString('--expose-gc');
  // The function is there in contexts made from now on.
  const collect = runInNewContext('gc') as Collect;
  setFlagsFromString('--no-expose-gc');
  await collect({ type: 'major', execution: 'async', flavor: 'last-resort' });
};
