import { CofferError } from '@coffer/contract/errors';
import type { Connection } from './connection.ts';
import { findRefusal, parseJson } from './refusal.ts';
import type { OutgoingRequest } from './transport/transport.ts';
import { isReset, notCoffer, unreachable } from './unreachable.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** How a write that creates something may be asked for. */
export interface CreateOptions {
  /** Makes it safe to ask again: within 24 hours, the same key with the same body is carried out once. */
  readonly idempotencyKey?: string | undefined;
}

/** How a write to an existing thing may be asked for. */
export interface WriteOptions extends CreateOptions {
  /** The version the value must have now, 0 for none yet; `version_conflict` where it has another. */
  readonly expectVersion?: number | undefined;
}

interface RequestOptions extends WriteOptions {
  /** What is undefined is left out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly inBackground?: boolean;
  /** Gives the request up, which is `server_unreachable` then. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks the server once and gives its answer back. Throws CofferError: what the server refused with, or
 * `server_unreachable`. Nothing is retried, except once a GET whose connection was cut. The answer's
 * shape is what the contract promises; checking it here would load zod into every start.
 */
export type Request = <Answer>(method: Method, path: string, options?: RequestOptions) => Promise<Answer>;

/** Requests of one connection, each below `prefix`. */
export function requestsOver(connection: Connection, prefix: string): Request {
  const { host } = connection.baseUrl;
  return async <Answer>(method: Method, path: string, options: RequestOptions = {}) => {
    const outgoing = outgoingRequest(connection, { ...options, method, path: `${prefix}${path}` });
    const send = () => exchange(connection, outgoing, options.signal);
    const { status, text } = await send()
      .catch((failure: unknown) => {
        if (method === 'GET' && isReset(failure)) return send();
        throw failure;
      })
      .catch((failure: unknown) => {
        throw unreachable(host, failure, connection.timeoutSeconds);
      });
    return readAnswer({ host, status, text }) as Answer;
  };
}

type Asked = RequestOptions & { readonly method: Method; readonly path: string };

/** `path` comes after the base URL; the signal is the sender's to add. */
export function outgoingRequest(connection: Connection, asked: Asked): Omit<OutgoingRequest, 'signal'> {
  const url = new URL(`${connection.baseUrl.href}${asked.path.slice(1)}`);
  for (const [name, value] of Object.entries(asked.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const body = asked.body === undefined ? undefined : JSON.stringify(asked.body);
  return {
    method: asked.method,
    url,
    headers: headersOf(connection, asked),
    body,
    inBackground: asked.inBackground ?? false,
  };
}

function headersOf({ credential }: Connection, asked: Asked): Record<string, string> {
  const { idempotencyKey, expectVersion, body } = asked;
  if (idempotencyKey !== undefined && !/^[\x21-\x7e]{1,255}$/.test(idempotencyKey)) {
    throw new CofferError('usage_error', {
      detail: 'An idempotency key has 1 to 255 printable characters and no spaces.',
    });
  }
  return {
    accept: 'application/json',
    ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    ...(expectVersion === undefined ? {} : { 'if-match': `"${expectVersion}"` }),
  };
}

async function exchange(
  connection: Connection,
  outgoing: Omit<OutgoingRequest, 'signal'>,
  givenUp: AbortSignal | undefined,
) {
  const timeout = AbortSignal.timeout(connection.timeoutSeconds * 1000);
  const signal = givenUp === undefined ? timeout : AbortSignal.any([timeout, givenUp]);
  try {
    const { status, readText } = await connection.transport({ ...outgoing, signal });
    return { status, text: await readText() };
  } catch (failure) {
    // node:http shows a timeout in the middle of a body as a connection that was cut.
    signal.throwIfAborted();
    throw failure;
  }
}

/** The JSON of a success, undefined for 204; throws what a refusal says. */
function readAnswer({ host, status, text }: { host: string; status: number; text: string }): unknown {
  if (status === 204) return undefined;
  if (status >= 200 && status < 300) {
    const parsed = parseJson(text);
    if (parsed === undefined) throw notCoffer(host, `status ${status} and a body that is not JSON`);
    return parsed.json;
  }
  // A browser's fetch shows a redirect that was not followed as status 0.
  if (status < 400) throw notCoffer(host, 'a redirect');
  throw findRefusal(status, text) ?? notCoffer(host, `status ${status} and no reason`);
}
