import type { Socket } from 'node:net';
import { AnswerReader } from './answer-reader.ts';
import type { IncomingAnswer, OutgoingRequest, Transport } from './transport.ts';

/** A server closes what is idle, Node’s after 5 seconds: a request should not meet that. */
const idleMaxSeconds = 2;

/**
 * HTTP/1.1 without node:http, of which a fresh process needs 4 ms; for plain http, which leads to this host only,
 * so that there is no proxy to ask. The answer comes when all of it is there. Carries headers as they are.
 */
export const sendOverLoopback: Transport = async (outgoing) => {
  const { url, body, signal } = outgoing;
  const bytes = `${headOf(outgoing)}\r\n\r\n${body ?? ''}`;
  signal.throwIfAborted();
  return await (takeIdle(url.host) ?? new HostConnection(url)).ask(bytes, signal);
};

const idle = new Set<HostConnection>();

function takeIdle(host: string): HostConnection | undefined {
  for (const connection of idle) {
    if (connection.host !== host) continue;
    idle.delete(connection);
    if (connection.isFresh()) return connection;
    connection.close();
  }
  return undefined;
}

interface Exchange {
  readonly reader: AnswerReader;
  readonly resolve: (answer: IncomingAnswer) => void;
  readonly reject: (reason: Error) => void;
  readonly release: () => void;
}

/** With at most one exchange at a time. */
class HostConnection {
  readonly host: string;
  readonly #socket: Socket;
  #exchange: Exchange | undefined;
  #idleSince = 0;

  constructor({ host, hostname, port }: URL) {
    this.host = host;
    const address = { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 80 : Number(port) };
    // Not imported, as a browser has no such module.
    this.#socket = process.getBuiltinModule('node:net').connect({ ...address, noDelay: true });
    this.#socket.on('data', (bytes) => this.#read((reader) => reader.take(bytes)));
    this.#socket.on('error', (reason) => this.#fail(reason));
    this.#socket.on('close', () => this.#read((reader) => reader.end()));
  }

  isFresh(): boolean {
    return !this.#socket.destroyed && process.uptime() - this.#idleSince < idleMaxSeconds;
  }

  close(): void {
    this.#socket.destroy();
  }

  ask(bytes: string, signal: AbortSignal): Promise<IncomingAnswer> {
    return new Promise((resolve, reject) => {
      const stop = (): void => this.#fail(toError(signal.reason));
      const release = (): void => signal.removeEventListener('abort', stop);
      signal.addEventListener('abort', stop);
      this.#exchange = { reader: new AnswerReader(), resolve, reject, release };
      this.#socket.ref();
      this.#socket.write(bytes);
    });
  }

  #read(step: (reader: AnswerReader) => void): void {
    if (this.#exchange === undefined) {
      // Closed while idle, or bytes that nobody asked for.
      this.close();
      idle.delete(this);
      return;
    }
    const { reader } = this.#exchange;
    try {
      step(reader);
    } catch (reason) {
      this.#fail(toError(reason));
      return;
    }
    if (reader.isDone) this.#finish(this.#exchange);
  }

  #finish({ reader, resolve, release }: Exchange): void {
    this.#exchange = undefined;
    release();
    if (reader.leavesOpen && this.#socket.writableLength === 0) this.#rest();
    else this.close();
    const { status, body } = reader;
    resolve({
      status,
      readText: () => Promise.resolve(Buffer.concat(body).toString('utf8')),
      // Web streams load when they are asked for.
      get chunks() {
        return ReadableStream.from(body);
      },
    });
  }

  #fail(reason: Error): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.close();
    exchange?.release();
    exchange?.reject(reason);
  }

  /** Kept for the next request; does not keep the program alive. */
  #rest(): void {
    this.#socket.unref();
    // A steady clock that is there already: performance.now() loads what a start would wait 1 ms for.
    this.#idleSince = process.uptime();
    idle.add(this);
  }
}

function headOf({ method, url, headers }: OutgoingRequest): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const all = [`${method} ${url.pathname}${url.search} HTTP/1.1`, `host: ${url.host}`, ...lines];
  if (all.some((line) => /[^\t\x20-\x7e]/.test(line))) throw new Error('a header has other than ASCII');
  return all.join('\r\n');
}

const toError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error('aborted'));
