import type { IncomingMessage } from 'node:http';
import { sendOverLoopback } from './loopback.ts';
import type { IncomingAnswer, OutgoingRequest, Transport } from './transport.ts';

/**
 * A program's own requests over plain http go without node:http, of which a fresh process needs 4 ms; what runs
 * on behind them, and all of https, with Node's modules: with the built-in fetch, the first answer comes 37 ms later.
 */
export const sendWithNode: Transport = (outgoing) => {
  const sent = { ...outgoing, headers: { ...outgoing.headers, ...lengthOf(outgoing) } };
  const isPlain = outgoing.url.protocol === 'http:' && !outgoing.inBackground;
  return isPlain ? sendOverLoopback(sent) : sendWithModule(sent);
};

const sendWithModule: Transport = async (outgoing) => {
  const { request } = loadSender(outgoing.url.protocol);
  return await new Promise<IncomingAnswer>((resolve, reject) => {
    const { method, headers, signal } = outgoing;
    signal.throwIfAborted();
    const sent = request(outgoing.url, { method, headers });
    const stop = (): void => void sent.destroy(toError(signal.reason));
    // As the request's own `signal` does, without the machinery of streams that a fresh process loads for it.
    signal.addEventListener('abort', stop);
    sent.on('close', () => signal.removeEventListener('abort', stop));
    if (outgoing.inBackground) sent.on('socket', (socket) => socket.unref());
    sent.on('error', reject);
    sent.on('response', (answer) =>
      resolve({ status: answer.statusCode ?? 0, readText: () => readText(answer), chunks: answer }),
    );
    sent.end(outgoing.body);
  });
};

// An import statement reads every export of node:http, of which WebSocket loads all of fetch: 25 ms.
const loadSender = (protocol: string) =>
  protocol === 'https:' ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http');

/** Not with `for await`, which costs a fresh process 2 ms. */
function readText(answer: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    answer.setEncoding('utf8');
    answer.on('data', (part: string) => {
      text += part;
    });
    answer.on('end', () => resolve(text));
    answer.on('error', reject);
  });
}

const toError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error('aborted'));

function lengthOf({ method, body }: OutgoingRequest): Record<string, string> {
  if (body === undefined) return method === 'GET' ? {} : { 'content-length': '0' };
  return { 'content-length': String(Buffer.byteLength(body)) };
}
