import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** For tests of what a healthy Coffer server never does: answers as told, on a free port, until disposed. */
export async function listenLocally(answer: RequestListener) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    server,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
