import { runWatched, type WatchedSettings } from './postgres-watch.ts';

/** Runs a statement that takes the time its table needs. */
export const runUpkeep = (settings: WatchedSettings, text: string): Promise<void> =>
  runWatched(settings, async (ask) => {
    await ask(text);
  });
