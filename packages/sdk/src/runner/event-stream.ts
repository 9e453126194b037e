import { createParser } from 'eventsource-parser';
import type { Connection } from '../connection.ts';
import { findRefusal } from '../refusal.ts';
import { outgoingRequest } from '../request.ts';
import type { BackOff } from './back-off.ts';
import type { Relay } from './relay.ts';

interface EventStream {
  readonly path: string;
  /** Without a byte for this long, the connection counts as dead. */
  readonly silenceMs: number;
  readonly signal: AbortSignal;
  readonly relay: Relay;
  readonly backOff: BackOff;
}

const maxEventBytes = 1024 * 1024;

/**
 * Reads one connection's events (the event stream format of the HTML standard) until it ends. Rejects
 * with CofferError where the server refuses, and with anything else where the connection breaks.
 */
export async function readEvents(connection: Connection, stream: EventStream): Promise<void> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), stream.silenceMs).unref();
  try {
    const outgoing = outgoingRequest(connection, { method: 'GET', path: stream.path, inBackground: true });
    const { status, readText, chunks } = await connection.transport({
      ...outgoing,
      headers: { ...outgoing.headers, accept: 'text/event-stream' },
      signal: AbortSignal.any([stream.signal, silence.signal]),
    });
    if (status !== 200) {
      const refusal = findRefusal(status, await readText());
      if (refusal !== undefined) throw refusal;
      return;
    }
    const parser = parserFor(stream);
    const decoder = new TextDecoder();
    for await (const chunk of chunks) {
      timer.refresh();
      parser.feed(decoder.decode(chunk, { stream: true }));
    }
  } finally {
    clearTimeout(timer);
  }
}

function parserFor({ relay, backOff }: EventStream) {
  return createParser({
    onEvent: ({ event, data }) => {
      backOff.reset();
      relay.takeEvent(event, data);
    },
    onComment: backOff.reset,
    onRetry: backOff.startAt,
    maxBufferSize: maxEventBytes,
  });
}
