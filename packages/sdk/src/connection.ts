import { CofferError } from '@coffer/contract/errors';
import { sendWithFetch, type Fetch } from './transport/fetch.ts';
import { sendWithNode } from './transport/node.ts';
import type { Transport } from './transport/transport.ts';

export interface ClientOptions {
  /** Where the server answers; http://127.0.0.1:7373 unless told otherwise. */
  readonly baseUrl?: string | undefined;
  /** A machine's credential (`cfr_key_...`). At most one of `apiKey` and `token`. */
  readonly apiKey?: string | undefined;
  /** A person's session (`cfr_ses_...`). */
  readonly token?: string | undefined;
  /** Slug or id; needed only where the credential belongs to several organizations. */
  readonly organization?: string | undefined;
  /** Sends the requests in place of node:http, as in a browser. */
  readonly fetch?: Fetch | undefined;
  /** Seconds to wait for a whole answer; 30 unless told otherwise. */
  readonly timeoutSeconds?: number | undefined;
}

/** The options, checked: where requests go, what they carry and how they are sent. */
export interface Connection {
  readonly baseUrl: URL;
  readonly credential: string | undefined;
  readonly timeoutSeconds: number;
  readonly transport: Transport;
}

const baseUrlDefault = 'http://127.0.0.1:7373';
const timeoutSecondsDefault = 30;

/** Checks the options; throws `usage_error`, which never repeats a credential or the URL. */
export function connect(options: ClientOptions): Connection {
  return {
    baseUrl: parseBaseUrl(options.baseUrl ?? baseUrlDefault),
    credential: pickCredential(options),
    timeoutSeconds: options.timeoutSeconds ?? timeoutSecondsDefault,
    transport: options.fetch === undefined ? sendWithNode : sendWithFetch(options.fetch),
  };
}

function parseBaseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new CofferError('usage_error', {
      detail: 'The base URL is not an http or https address.',
      hint: `Write it like ${baseUrlDefault} or https://coffer.example.com.`,
    });
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new CofferError('usage_error', {
      detail: 'The base URL carries a user name, password, query or fragment.',
      hint: 'Give the credential as apiKey or token.',
    });
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw new CofferError('usage_error', {
      detail: `Credentials are not sent to ${url.host} over plain http.`,
      hint: `Use https://${url.hostname}, or reach the server through a loopback address.`,
    });
  }
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

/**
 * `hostname` as a URL gives it: lower case, and four decimal parts are an IPv4 address. Not names below
 * localhost, which a resolver may ask of DNS; not node:net, which a browser lacks.
 */
const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);

function pickCredential({ apiKey, token }: ClientOptions): string | undefined {
  if (apiKey !== undefined && token !== undefined) {
    throw new CofferError('usage_error', { detail: 'Give either apiKey or token, not both.' });
  }
  const credential = apiKey ?? token;
  // Checked here because fetch repeats a header's value in its own error.
  if (credential !== undefined && !/^[\x21-\x7e]+$/.test(credential)) {
    throw new CofferError('usage_error', {
      detail: 'The credential is empty or holds a character that no key or token has.',
      hint: 'Copy it again, without spaces and line breaks.',
    });
  }
  return credential;
}
