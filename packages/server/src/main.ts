import type { Server } from 'node:http';
import { compileRedactor } from '@coffer/redact';
import type { Logger } from 'pino';
import { AuditHeadFile } from './audit-head-file.ts';
import { createChallengeFiles } from './challenge-files.ts';
import type { ServerConfig } from './config.ts';
import type { Clock } from './domain/clock.ts';
import { Idempotency } from './domain/idempotency/remember.ts';
import { LoginLimits } from './domain/sessions/login-limits.ts';
import { PlanCache } from './domain/workloads/plan.ts';
import { openHouse, type OpenHouse } from './house.ts';
import { createApp } from './http/app.ts';
import { LinkHub } from './http/link-hub.ts';
import { createHeadKeeping } from './jobs/save-heads.ts';
import { startJobs } from './jobs/schedule.ts';
import { createLogger, parseLogLevel } from './logger.ts';
import { createMetrics } from './metrics.ts';
import { listen, readTls } from './serve.ts';

export interface RunningServer {
  readonly url: string;
  readonly house: OpenHouse;
  /** Ends running requests, writes the audit heads, closes the database. */
  close(): Promise<void>;
}

export interface StartOptions {
  readonly clock?: Clock;
  readonly log?: Logger;
  /** Told once the instance is there, before anything that can still stop the start. */
  readonly onOpen?: (house: OpenHouse) => void;
}

const bodyMaxBytes = 8 * 1024 * 1024;
const closeGraceMs = 10_000;
const systemClock: Clock = { now: () => Date.now() };

/** Opens the house, lets requests in, and starts the jobs. */
export const startServer = async (
  config: ServerConfig,
  options: StartOptions = {},
): Promise<RunningServer> => {
  const clock = options.clock ?? systemClock;
  const log = options.log ?? createLogger(parseLogLevel(process.env['COFFER_LOG_LEVEL']));
  // Before anything is made: a first start that fails here leaves nothing behind.
  if (config.tls !== undefined) readTls(config.tls);
  const house = await openHouse(config, clock);
  options.onOpen?.(house);
  const headFile = new AuditHeadFile(config.auditHeadFile);
  const keepHeads = createHeadKeeping({ ...house, log }, headFile);
  const metrics = createMetrics();
  const links = new LinkHub(house.guard);
  // No request comes before it is set.
  let url = '';
  const app = createApp({
    guard: house.guard,
    authenticator: house.authenticator,
    idempotency: new Idempotency(),
    logins: { files: createChallengeFiles(config.dataDir, () => url), limits: new LoginLimits() },
    starts: { cache: new PlanCache(), environmentMaxBytes: config.environmentMaxBytes },
    links,
    log,
    maskText: (text, values) =>
      compileRedactor(
        values.filter((value) => value !== '').map((value) => ({ name: 'REQUEST', value })),
      ).redactText(text),
    findKnownHead: async (chain) => {
      await keepHeads().catch((error: unknown) =>
        log.error(
          { stack: error instanceof Error ? error.stack : undefined },
          'the audit heads cannot be kept',
        ),
      );
      return headFile.find(chain);
    },
    trustedProxy: config.trustedProxy,
    bodyMaxBytes,
    isReady: async () => {
      try {
        await house.database.ping();
        return true;
      } catch {
        return false;
      }
    },
    observe: (request) => metrics.observe(request),
  });
  const { guard, authenticator } = house;
  const jobs = await startJobs({ guard, authenticator, log }, keepHeads);
  let metricsServer: Server | undefined;
  try {
    if (config.metricsListen !== undefined)
      metricsServer = await metrics.listen(config.metricsListen, () => links.size);
    const listening = await listen(app, config, () =>
      log.error({}, 'the TLS files cannot be read; the old certificate stays'),
    );
    url = listening.url;
    log.info({ url }, 'listening');
    return {
      url,
      house,
      close: async () => {
        links.close();
        await listening.close(closeGraceMs);
        metricsServer?.close();
        await jobs.stop();
        await house.close();
        log.info({}, 'stopped');
      },
    };
  } catch (error) {
    metricsServer?.close();
    await jobs.stop();
    await house.close();
    throw error;
  }
};
