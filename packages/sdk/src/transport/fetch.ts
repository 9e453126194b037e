import type { Transport } from './transport.ts';

export type Fetch = typeof globalThis.fetch;

async function* nothing(): AsyncGenerator<Uint8Array, void, undefined> {}

/** Whatever follows the fetch standard: a browser's, or one with its own proxy or certificates. */
export const sendWithFetch =
  (fetch: Fetch): Transport =>
  async ({ url, method, headers, body, signal }) => {
    const answer = await fetch(url, { method, headers, body: body ?? null, signal, redirect: 'manual' });
    return {
      status: answer.status,
      readText: () => answer.text(),
      chunks: answer.body ?? nothing(),
    };
  };
