import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** What becomes of a request: it passes (later, or with an answer that is held back), is refused, or is cut off. */
export type Fate =
  'pass' | 'cut' | { readonly status: number } | { readonly waitMs: number } | { readonly answerMs: number };

/** A way to a Coffer server on which requests go wrong as a test wants. */
export interface UnreliableProxy {
  readonly url: string;
  /** How requests were answered, as `POST /v1/workloads 201`; those without an answer are missing. */
  readonly answered: readonly string[];
  /** From now on requests whose method and path match have this fate; the newest rule counts. */
  rule(pattern: RegExp, fate: Fate): void;
  close(): Promise<void>;
}

/** Stands in front of the server of this URL, on a loopback port of its own. */
export const startUnreliableProxy = async (url: string): Promise<UnreliableProxy> => {
  const rules: { readonly pattern: RegExp; readonly fate: Fate }[] = [];
  const answered: string[] = [];
  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', url: path = '/', headers } = incoming;
    const asked = `${method} ${path}`;
    const fate = rules.findLast(({ pattern }) => pattern.test(asked))?.fate ?? 'pass';
    if (fate === 'cut') {
      response.destroy();
      return;
    }
    if (typeof fate === 'object' && 'status' in fate) {
      answered.push(`${asked} ${fate.status}`);
      const problem =
        fate.status === 404
          ? { code: 'workload_not_found', detail: 'No such workload.' }
          : { code: 'storage_unavailable', detail: 'Storage is not available.' };
      response.writeHead(fate.status, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify(problem));
      return;
    }
    if (typeof fate === 'object' && 'waitMs' in fate) await pause(fate.waitMs);
    const passed = request(new URL(path, url), { method, headers }, (answer) => {
      const send = (): void => {
        answered.push(`${asked} ${answer.statusCode}`);
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        response.flushHeaders();
        answer.pipe(response);
      };
      if (typeof fate === 'object' && 'answerMs' in fate) setTimeout(send, fate.answerMs);
      else send();
    });
    passed.on('error', () => response.destroy());
    response.on('close', () => passed.destroy());
    incoming.pipe(passed);
  };
  const server = createServer((incoming, response) => void handle(incoming, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answered,
    rule: (pattern, fate) => void rules.push({ pattern, fate }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
