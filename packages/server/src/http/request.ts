import { isIP } from 'node:net';
import { CofferError } from '@coffer/contract';
import { isOnHost } from '../domain/loopback.ts';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';

/** The address in one hop of `X-Forwarded-For`, which some proxies write with its port. */
const addressOfHop = (hop: string): string | undefined => {
  const [, bracketed] = /^\[(.*)\](?::\d+)?$/.exec(hop) ?? [];
  const address = bracketed ?? hop.replace(/^([\d.]+):\d+$/, '$1');
  return isIP(address) === 0 ? undefined : address;
};

/**
 * The caller's address: of the connection, or as a trusted proxy in front tells it (last hop). What was told never
 * counts as this host, as whoever reaches the port can tell it, too.
 */
export const clientAddress = (context: Context, trustedProxy: boolean): string | null => {
  if (trustedProxy) {
    const hop = context.req.header('x-forwarded-for')?.split(',').at(-1)?.trim() ?? '';
    const address = addressOfHop(hop);
    if (address !== undefined) return isOnHost(address) ? `${address} (forwarded)` : address;
    if (hop !== '') return 'unknown (forwarded)';
  }
  return getConnInfo(context).remote.address ?? null;
};

/** Throws `request_invalid` where a browser says that a page of another site sent this. */
export const refuseOtherSites = (context: Context): void => {
  const site = context.req.header('sec-fetch-site') ?? 'none';
  const origin = context.req.header('origin');
  const isOwn =
    ['none', 'same-origin'].includes(site) && (origin === undefined || isOwnOrigin(origin, context));
  if (isOwn) return;
  throw new CofferError('request_invalid', {
    detail: 'A web page of another site sent this request; nothing was done.',
    hint: 'Use the command line, or a page that this server itself serves.',
  });
};

const isOwnOrigin = (origin: string, context: Context): boolean =>
  URL.canParse(origin) && new URL(origin).host === context.req.header('host');

const tooLarge = (maxBytes: number): CofferError =>
  new CofferError('payload_too_large', {
    detail: `A request body has at most ${maxBytes} bytes here.`,
    hint: 'Send less at once; import large files in parts.',
  });

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Throws `request_invalid` where bytes are no UTF-8: decoded leniently, a value would be stored as another one. */
const decode = (bytes: Uint8Array | ArrayBuffer): string => {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw new CofferError(
      'request_invalid',
      {
        detail: 'The body is not UTF-8.',
        hint: 'Send JSON in UTF-8; encode bytes that are no text, such as with base64, before they are stored.',
        errors: [{ path: 'body', detail: 'not UTF-8' }],
      },
      { cause: error },
    );
  }
};

/**
 * The body as text. Throws `unsupported_media_type` unless it is JSON, `payload_too_large` past the limit,
 * `request_invalid` unless it is UTF-8.
 */
export const readBody = async (context: Context, maxBytes: number): Promise<string> => {
  const type = context.req.header('content-type') ?? '';
  if (!/^application\/json\s*(;\s*charset=utf-8\s*)?$/i.test(type)) {
    throw new CofferError('unsupported_media_type', {
      detail: 'The body must be JSON.',
      hint: 'Send it with content-type: application/json',
    });
  }
  const declared = context.req.header('content-length');
  if (declared !== undefined) {
    if (Number(declared) > maxBytes) throw tooLarge(maxBytes);
    return decode(await context.req.arrayBuffer());
  }
  const reader = context.req.raw.body?.getReader();
  if (reader === undefined) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const chunk = part.value as Uint8Array;
    size += chunk.byteLength;
    if (size > maxBytes) {
      await reader.cancel();
      throw tooLarge(maxBytes);
    }
    chunks.push(chunk);
  }
  return decode(Buffer.concat(chunks));
};

const leaves = (node: unknown): readonly string[] => {
  if (typeof node === 'string') return [node];
  if (typeof node !== 'object' || node === null) return [];
  return Object.values(node).flatMap(leaves);
};

/** Every text a request carried that a log line must not repeat: the body's strings, and the credential. */
export const valuesSent = (
  body: string | undefined,
  authorization: string | undefined,
): readonly string[] => {
  const sent = [body ?? '', authorization?.replace(/^Bearer /i, '') ?? ''];
  try {
    sent.push(...leaves(JSON.parse(body ?? 'null')));
  } catch {
    return sent;
  }
  return sent;
};
