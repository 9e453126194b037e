import { CofferError } from '@coffer/contract';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';

/** The caller's address: of the connection, or as a trusted proxy in front tells it (last hop). */
export const clientAddress = (context: Context, trustedProxy: boolean): string | null => {
  if (trustedProxy) {
    const hops = context.req.header('x-forwarded-for')?.split(',');
    const last = hops?.at(-1)?.trim();
    if (last !== undefined && last !== '') return last.slice(0, 64);
  }
  return getConnInfo(context).remote.address ?? null;
};

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
