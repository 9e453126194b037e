import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ModelService {
  /** Base URL, as the official client takes it. */
  readonly url: string;
  /** From now on only this key is good. */
  accept(key: string): void;
  close(): Promise<void>;
}

/** A small model service on loopback that really checks the key, as the issuer of a credential would. */
export const startModelService = async (): Promise<ModelService> => {
  let goodKey = '';
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const isGood = goodKey !== '' && request.headers.authorization === `Bearer ${goodKey}`;
      response.writeHead(isGood ? 200 : 401, { 'content-type': 'application/json' });
      const message = { role: 'assistant', content: 'hello, your key is good' };
      response.end(
        JSON.stringify(
          isGood
            ? {
                id: 'demo',
                object: 'chat.completion',
                model: 'demo',
                created: 0,
                choices: [{ index: 0, message, finish_reason: 'stop' }],
              }
            : { error: { message: 'this key is not good', type: 'invalid_request_error' } },
        ),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    accept: (key) => {
      goodKey = key;
    },
    close: async () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};
