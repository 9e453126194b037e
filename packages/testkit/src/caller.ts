import { createClient, type Client } from '@coffer/sdk';
import { startWorkload, type StartedWorkload, type WorkloadStartOptions } from '@coffer/sdk/runner';

/** Somebody with a credential: the real client, and bare requests for what the client never sends. */
export interface TestCaller extends Client {
  readonly token: string;
  start(options: WorkloadStartOptions): Promise<StartedWorkload>;
  /** What a start delivers, as the process would see it. */
  deliver(agent: string, environment?: string): Promise<Readonly<Record<string, string>>>;
  /** A bare request; `path` comes after the server's URL. */
  ask(method: string, path: string, request?: BareRequest): Promise<BareAnswer>;
}

export interface BareRequest {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface BareAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The code of a refusal, undefined for a success. */
  readonly code: string | undefined;
}

const codeOf = (response: Response, text: string): string | undefined => {
  if (!(response.headers.get('content-type') ?? '').startsWith('application/problem+json')) return undefined;
  return (JSON.parse(text) as { code: string }).code;
};

/** One bare request; the body goes out as JSON unless it is text already. */
export const ask = async (
  url: string,
  request: BareRequest & { readonly method: string; readonly token?: string | undefined },
): Promise<BareAnswer> => {
  const { method, token, body, headers } = request;
  const response = await fetch(url, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  if (response.headers.get('content-type') === 'text/event-stream') {
    await response.body?.cancel();
    return { status: response.status, headers: response.headers, text: '', code: undefined };
  }
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, code: codeOf(response, text) };
};

/** A caller of one server; `organization` where the credential belongs to several. */
export const callerOf = (url: string, token: string, organization?: string): TestCaller => {
  const options = { baseUrl: url, token, ...(organization !== undefined && { organization }) };
  const start = (start: WorkloadStartOptions) => startWorkload(options, start);
  return {
    ...createClient(options),
    token,
    start,
    deliver: async (agent, environment) => {
      const { variables } = await start({ agent, ...(environment !== undefined && { environment }) });
      return Object.fromEntries(variables.map(({ name, value }) => [name, value]));
    },
    ask: (method, path, request) => ask(`${url}${path}`, { ...request, method, token }),
  };
};
