import { CofferError } from '@coffer/contract/errors';
import type { Connection } from '../connection.ts';
import { path } from '../path.ts';
import { requestsOver } from '../request.ts';
import { createBackOff } from './back-off.ts';
import { readEvents } from './event-stream.ts';
import type { LinkListener } from './link-listener.ts';
import { createRelay } from './relay.ts';

/**
 * The runner's line to the server. A lost server is never an event: the link tries again with growing
 * pauses and the process runs on. Its timers and sockets do not keep the program alive.
 */
export interface Link {
  /** Starts heartbeats and server-sent events. Call it once, when the process runs. */
  readonly listen: (listener: LinkListener) => void;
  /**
   * Closes the link and tells the server that the process has ended, with its exit status as a shell
   * gives it. Never rejects: false where the server could not be told and will count it as lost.
   */
  readonly end: (exitStatus?: number) => Promise<boolean>;
  /** Lets go without telling the server, also where `end` is still at it; no callback is called afterwards. */
  readonly close: () => void;
}

/** Seconds for a heartbeat or the end: an exit is not held up for longer by a server that hangs. */
const answerSeconds = 10;
/** Heartbeats' worth of silence after which a stream counts as dead; the server sends comments more often. */
const silentHeartbeats = 3;

export interface LinkedWorkload {
  readonly id: string;
  readonly heartbeatSeconds: number;
}

/** `connection` carries the workload's own token. */
export function createLink(connection: Connection, { id, heartbeatSeconds }: LinkedWorkload): Link {
  const closing = new AbortController();
  const ending = new AbortController();
  const { signal } = closing;
  const isClosed = () => signal.aborted;
  const workload = path`/workloads/${id}`;
  const timeoutSeconds = Math.min(connection.timeoutSeconds, answerSeconds);
  const request = requestsOver({ ...connection, timeoutSeconds }, '/v1');

  const listen = (listener: LinkListener): void => {
    // Loaded here, as a command that is over before anybody listens should not wait for it.
    const { setTimeout: pause } = process.getBuiltinModule('node:timers/promises');
    const relay = createRelay(listener, signal);
    const repeat = async (act: () => Promise<void>, pauseMs: () => number): Promise<void> => {
      while (!isClosed()) {
        const failure = await act().then(
          () => undefined,
          (reason: unknown) => reason,
        );
        if (isClosed()) return;
        if (isGone(failure)) {
          closing.abort('closed');
          listener.closed?.(failure);
          return;
        }
        await pause(pauseMs(), undefined, { ref: false, signal }).catch(() => undefined);
      }
    };
    const beat = async () =>
      relay.takePulse(await request('POST', `${workload}/heartbeat`, { inBackground: true }));
    const backOff = createBackOff();
    const silenceMs = heartbeatSeconds * 1000 * silentHeartbeats;
    const watch = () =>
      readEvents(connection, { path: `/v1${workload}/events`, silenceMs, signal, relay, backOff });
    void repeat(beat, () => heartbeatSeconds * 1000);
    void repeat(watch, backOff.nextMs);
  };

  return {
    listen,
    end: async (exitStatus) => {
      closing.abort('closed');
      const body = exitStatus === undefined ? {} : { exitStatus };
      return await request('POST', `${workload}/end`, { body, signal: ending.signal }).then(
        () => true,
        () => false,
      );
    },
    close: () => {
      closing.abort('closed');
      ending.abort('closed');
    },
  };
}

const isGone = (failure: unknown): failure is CofferError =>
  failure instanceof CofferError && (failure.statusCode === 401 || failure.statusCode === 404);
