import { readFileSync, watch, type FSWatcher } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo, Server as NetServer } from 'node:net';
import { createSecureContext } from 'node:tls';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import { CofferError } from '@coffer/contract';
import type { Hono } from 'hono';
import type { Address, ServerConfig, SettingName } from './config.ts';

export interface Listening {
  /** With TLS the host as configured, which the certificate may name; else the address that is listened on. */
  readonly url: string;
  /** Takes no new connections, lets running requests end (at most `graceMs`), then closes. */
  close(graceMs: number): Promise<void>;
}

const headersTimeoutMs = 15_000;
const requestTimeoutMs = 60_000;
/** After the signal to stop, requests that were sent before it are still read. */
const arrivingMs = 100;

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown';

const readTlsFile = (path: string, flag: SettingName): Buffer => {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new CofferError(
      'usage_error',
      {
        detail: `The TLS file ${path} cannot be read (${codeOf(error)}).`,
        hint: `Name a PEM file that the server’s user may read: --${flag} FILE`,
      },
      { cause: error },
    );
  }
};

/** Certificate and key from their files. Throws `usage_error` where one is missing or they do not serve TLS. */
export const readTls = (tls: { cert: string; key: string }): { cert: Buffer; key: Buffer } => {
  const read = { cert: readTlsFile(tls.cert, 'tls-cert'), key: readTlsFile(tls.key, 'tls-key') };
  try {
    createSecureContext(read);
  } catch (error) {
    throw new CofferError(
      'usage_error',
      {
        detail: `The TLS files ${tls.cert} and ${tls.key} do not serve TLS (${codeOf(error)}).`,
        hint: 'Give a PEM certificate with --tls-cert and the PEM key that belongs to it, not encrypted, with --tls-key.',
      },
      { cause: error },
    );
  }
  return read;
};

/** Listens there. Throws `usage_error`, naming the setting, where the address cannot be had. */
export const bind = async (server: NetServer, address: Address, flag: SettingName): Promise<void> => {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        new CofferError(
          'usage_error',
          {
            detail: `The server cannot listen on ${address.host}:${address.port} (${error.code ?? 'unknown'}).`,
            hint: `Another server may be running there; choose another address with --${flag} HOST:PORT.`,
          },
          { cause: error },
        ),
      );
    });
    server.listen(address.port, address.host, resolve);
  });
};

const watchTls = (
  server: HttpsServer,
  tls: { cert: string; key: string },
  onError: () => void,
): FSWatcher[] => {
  let pending: NodeJS.Timeout | undefined;
  const reload = (): void => {
    clearTimeout(pending);
    pending = setTimeout(() => {
      try {
        server.setSecureContext(readTls(tls));
      } catch {
        onError();
      }
    }, 200).unref();
  };
  return [watch(tls.cert, reload).unref(), watch(tls.key, reload).unref()];
};

/** Listens on the configured address; the certificate is read again when its files change. */
export const listen = async (app: Hono, config: ServerConfig, onTlsError: () => void): Promise<Listening> => {
  const listener = getRequestListener(app.fetch.bind(app));
  const onRequest: Parameters<typeof createHttpServer>[1] = (request, response) => {
    void listener(request, response);
  };
  const options = {
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: 65_000,
  };
  let watchers: FSWatcher[] = [];
  let server: Server | HttpsServer;
  if (config.tls === undefined) server = createHttpServer(options, onRequest);
  else {
    const secure = createHttpsServer({ ...options, ...readTls(config.tls) }, onRequest);
    watchers = watchTls(secure, config.tls, onTlsError);
    server = secure;
  }
  await bind(server, config.listen, 'listen');
  const { address, port } = server.address() as AddressInfo;
  const name = config.tls === undefined ? address : config.listen.host;
  const host = name.includes(':') ? `[${name}]` : name;
  return {
    url: `${config.tls === undefined ? 'http' : 'https'}://${host}:${port}`,
    close: async (graceMs) => {
      for (const watcher of watchers) watcher.close();
      // A connection whose request is still on its way looks idle, and would be cut.
      await pause(arrivingMs);
      for (let turn = 0; turn < 3; turn += 1) await nextTurn();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), graceMs).unref();
      await closed;
      clearTimeout(timer);
    },
  };
};
