import { minuteMs, secondMs } from '../domain/clock.ts';
import type { JobParts } from './parts.ts';
import { purgeDue } from './purge.ts';
import { resealAll } from './reseal.ts';

export interface Jobs {
  stop(): Promise<void>;
}

const headsEveryMs = minuteMs;
const usesEveryMs = 10 * secondMs;
const failuresEveryMs = minuteMs;
const purgeEveryMs = 10 * minuteMs;

/** Starts what runs beside requests. A job that fails is logged and runs again at its next time. */
export const startJobs = async (parts: JobParts, keepHeads: () => Promise<void>): Promise<Jobs> => {
  const { authenticator, log } = parts;
  const running = new Set<Promise<void>>();
  const run = (name: string, act: () => Promise<void>): Promise<void> => {
    const done = act()
      .catch((error: unknown) =>
        log.error({ job: name, stack: error instanceof Error ? error.stack : undefined }, 'job failed'),
      )
      .finally(() => running.delete(done));
    running.add(done);
    return done;
  };
  await run('heads', keepHeads);
  const timers = [
    setInterval(() => void run('heads', keepHeads), headsEveryMs).unref(),
    setInterval(() => void run('uses', async () => authenticator.saveUses()), usesEveryMs).unref(),
    setInterval(
      () => void run('failures', async () => authenticator.saveFailures()),
      failuresEveryMs,
    ).unref(),
    setInterval(() => void run('purge', async () => purgeDue(parts)), purgeEveryMs).unref(),
  ];
  void run('purge', async () => purgeDue(parts));
  void run('reseal', async () =>
    resealAll(parts.guard, {
      onProgress: () => undefined,
      onSkipped: ({ organizationId, version: place, key }) => {
        const { secretId, environment, number: version, generation } = place;
        const code = key?.code ?? 'value_unreadable';
        const fields = { job: 'reseal', code, organizationId, secretId, environment, version, generation };
        log.error(fields, 'a stored value does not open and is not sealed again');
      },
    }),
  );
  return {
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await Promise.allSettled(running);
      await authenticator.saveUses().catch(() => undefined);
      await authenticator.saveFailures().catch(() => undefined);
      await keepHeads().catch(() => undefined);
    },
  };
};
