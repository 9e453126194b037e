import type { Logger } from 'pino';
import type { AuditHeadFile } from '../audit-head-file.ts';
import { minuteMs, secondMs } from '../domain/clock.ts';
import type { OpenHouse } from '../house.ts';
import { purgeDue } from './purge.ts';
import { resealAll } from './reseal.ts';
import { saveHeads } from './save-heads.ts';

export interface Jobs {
  stop(): Promise<void>;
}

const headsEveryMs = minuteMs;
const usesEveryMs = 10 * secondMs;
const purgeEveryMs = 10 * minuteMs;

/** Starts what runs beside requests. A job that fails is logged and runs again at its next time. */
export const startJobs = async (parts: {
  house: OpenHouse;
  headFile: AuditHeadFile;
  log: Logger;
}): Promise<Jobs> => {
  const { house, headFile, log } = parts;
  const running = new Set<Promise<void>>();
  const run = (name: string, act: () => Promise<void>): void => {
    const done = act()
      .catch((error: unknown) =>
        log.error({ job: name, stack: error instanceof Error ? error.stack : undefined }, 'job failed'),
      )
      .finally(() => running.delete(done));
    running.add(done);
  };
  await saveHeads(house, headFile, log);
  const timers = [
    setInterval(() => run('heads', async () => saveHeads(house, headFile, log)), headsEveryMs).unref(),
    setInterval(() => run('uses', async () => house.authenticator.saveUses()), usesEveryMs).unref(),
    setInterval(() => run('purge', async () => purgeDue(house)), purgeEveryMs).unref(),
  ];
  run('purge', async () => purgeDue(house));
  run('reseal', async () => resealAll(house, { onProgress: () => undefined }));
  return {
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await Promise.allSettled(running);
      await house.authenticator.saveUses().catch(() => undefined);
      await saveHeads(house, headFile, log).catch(() => undefined);
    },
  };
};
