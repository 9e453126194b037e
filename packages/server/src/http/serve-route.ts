import { CofferError, type ErrorCode, type Route } from '@coffer/contract';
import type { Context } from 'hono';
import type { Caller, Origin } from '../domain/guard/caller.ts';
import { createId } from '../domain/ids.ts';
import type { House } from './context.ts';
import { FinishedJson, type Call, type Handler, type OpenHandler } from './handlers.ts';
import {
  parseIdempotencyKey,
  parseIfMatch,
  parseQuery,
  parseRequest,
  refuseHeaders,
  type Parsed,
} from './parse.ts';
import { clientAddress, readBody, refuseOtherSites, valuesSent } from './request.ts';
import { isTold, respondEmpty, respondError, respondText } from './respond.ts';

const bearer = (header: string | undefined): string | undefined => {
  const match = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(header ?? '');
  return match?.[1];
};

/** Largest body of a request without a credential. */
const openBodyMaxBytes = 4 * 1024;

export interface Served {
  readonly route: Route;
  readonly handler: Handler | OpenHandler;
}

/** What an answer, its log lines and its audit events are found by. */
export const newRequestId = ({ guard }: House): string =>
  createId('event', guard.clock.now()).replace('evt_', 'req_');

/** One request: who calls, what is asked, one domain call, one answer. */
export const serveRoute = async (house: House, served: Served, context: Context): Promise<Response> => {
  const { route } = served;
  const startedAt = performance.now();
  const requestId = newRequestId(house);
  let caller: Caller | undefined;
  let body: string | undefined;
  try {
    const origin: Origin = { address: clientAddress(context, house.trustedProxy), requestId };
    const params = context.req.param();
    if ('callers' in route.access) {
      const token = bearer(context.req.header('authorization'));
      const organization = params['organization'] ?? null;
      caller = await house.authenticator.authenticate(token, organization, origin);
      await refuseKind(route, caller);
    } else if (route.method !== 'get') refuseOtherSites(context);
    refuseHeaders(route, (name) => context.req.header(name));
    const bodyMaxBytes = caller === undefined ? openBodyMaxBytes : house.bodyMaxBytes;
    if (route.body !== undefined) body = await readBody(context, bodyMaxBytes);
    const query = parseQuery(context.req.url);
    const parsed = parseRequest(route, { params, query, body });
    const response =
      caller === undefined
        ? await answerOpen(house, served, { origin, parsed, requestId })
        : await answer(house, served, { caller, parsed, body, context, requestId });
    house.observe({
      route: route.id,
      status: response.status,
      seconds: (performance.now() - startedAt) / 1000,
    });
    return response;
  } catch (error) {
    if (caller !== undefined && error instanceof CofferError && error.code === 'not_authenticated') {
      await house.authenticator.reject(caller);
    }
    const response = failWith(house, context, { error, requestId, route: route.id, body });
    house.observe({
      route: route.id,
      status: response.status,
      seconds: (performance.now() - startedAt) / 1000,
    });
    return response;
  }
};

/** A credential used where its kind does not belong is a refusal like any other: recorded. */
const refuseKind = async (route: Route, caller: Caller): Promise<void> => {
  if (!('callers' in route.access) || caller.type === 'operator') return;
  if (route.access.callers.includes(caller.type)) return;
  await caller.guard.write(caller, 'credential.use', (operation) => {
    operation.concerning({ details: { route: route.id, reason: `a ${caller.type} may not call this` } });
    throw new CofferError('forbidden', {
      detail: 'This kind of credential cannot be used here.',
      hint: 'Use the credential this route is for; /v1/openapi.json says which.',
    });
  });
};

const answerOpen = async (
  house: House,
  served: Served,
  request: { origin: Origin; parsed: Parsed; requestId: string },
): Promise<Response> => {
  const handler = served.handler as OpenHandler;
  const reply = await handler({ house, origin: request.origin, body: request.parsed.body as never });
  return toResponse(served.route, reply, request.requestId);
};

const answer = async (
  house: House,
  served: Served,
  request: { caller: Caller; parsed: Parsed; body: string | undefined; context: Context; requestId: string },
): Promise<Response> => {
  const { route } = served;
  const { caller, parsed, context, requestId } = request;
  const call: Call<never> = {
    house,
    caller,
    params: parsed.params as Record<string, string>,
    query: parsed.query as never,
    body: parsed.body as never,
    expected: parseIfMatch(context.req.header('if-match')),
    // No getter here: a literal with an accessor makes a hidden class of its own at every request.
    abortSignal: () => context.req.raw.signal,
  };
  const handler = served.handler as Handler;
  const key = parseIdempotencyKey(context.req.header('idempotency-key'));
  if (key === undefined) return toResponse(route, await handler(call), requestId);
  const asked = {
    route: `${route.id} ${context.req.path}`,
    key,
    body: `${String(call.expected ?? '')} ${JSON.stringify(parsed.query)} ${request.body ?? ''}`,
    status: route.success.status,
    carriesValues: route.carriesValues === true,
  };
  const told = await house.idempotency.once(caller, asked, async (remembered) => {
    const reply = await handler({ ...call, caller: remembered });
    return { status: route.success.status, body: JSON.stringify(reply) };
  });
  return respondText(told.status, told.body, requestId);
};

const toResponse = (route: Route, reply: unknown, requestId: string): Response => {
  if (reply instanceof Response) {
    reply.headers.set('x-request-id', requestId);
    return reply;
  }
  if (reply === undefined || route.success.status === 204) return respondEmpty(requestId);
  const text = reply instanceof FinishedJson ? reply.text : JSON.stringify(reply);
  return respondText(route.success.status, text, requestId);
};

/** Nobody but the operator can mend these; the caller is told them all the same. */
const forOperator: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'key_unreadable',
  'storage_unavailable',
  'value_unreadable',
]);

const isForOperator = ({ code }: { readonly code?: ErrorCode }): boolean =>
  code !== undefined && forOperator.has(code);

/** What is told may be logged as it is, but for items that may repeat what was asked for. */
const fieldsOfTold = (error: CofferError): object => ({
  code: error.code,
  detail: error.message,
  errors: error.errors.filter(isForOperator),
  // Why root keys could not be read again; other causes may quote values.
  ...(error.code === 'key_unreadable' && error.cause instanceof Error && { cause: error.cause.message }),
});

/** Errors of ours are told; anything else is told as `internal`. What the operator has to see to is logged. */
export const failWith = (
  house: House,
  context: Context,
  failure: { error: unknown; requestId: string; route: string; body?: string | undefined },
): Response => {
  const { error, requestId, route, body } = failure;
  const { method } = context.req;
  if (!isTold(error)) {
    const sent = valuesSent(body, context.req.header('authorization'));
    const stack = house.maskText(error instanceof Error ? (error.stack ?? error.message) : '', sent);
    house.log.error({ requestId, route, method, stack }, 'request failed');
  } else if (isForOperator(error) || error.errors.some(isForOperator)) {
    house.log.error({ requestId, route, method, ...fieldsOfTold(error) }, 'request failed');
  }
  return respondError(error, requestId);
};
