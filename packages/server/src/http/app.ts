import { CofferError, routes, type Route, type RouteId } from '@coffer/contract';
import { Hono, type Context } from 'hono';
import { createId } from '../domain/ids.ts';
import type { Origin } from '../domain/guard/caller.ts';
import type { Caller } from '../domain/guard/caller.ts';
import type { House } from './context.ts';
import type { Call, Handler, Handlers, OpenHandler, Reply } from './handlers.ts';
import { createOpenApiDocument } from './openapi.ts';
import { parseIdempotencyKey, parseIfMatch, parseRequest, type Parsed } from './parse.ts';
import { clientAddress, readBody } from './request.ts';
import { respondEmpty, respondError, respondText, securityHeaders } from './respond.ts';
import { agentHandlers } from './routes/agents.ts';
import { auditHandlers } from './routes/audit.ts';
import { environmentHandlers } from './routes/environments.ts';
import { keyHandlers } from './routes/keys.ts';
import { memberHandlers } from './routes/members.ts';
import { organizationHandlers } from './routes/organizations.ts';
import { policyHandlers } from './routes/policy.ts';
import { projectHandlers } from './routes/projects.ts';
import { secretHandlers } from './routes/secrets.ts';
import { sessionHandlers } from './routes/session.ts';
import { workloadHandlers } from './routes/workloads.ts';

const handlers = {
  ...sessionHandlers,
  ...organizationHandlers,
  ...memberHandlers,
  ...projectHandlers,
  ...environmentHandlers,
  ...agentHandlers,
  ...keyHandlers,
  ...policyHandlers,
  ...secretHandlers,
  ...workloadHandlers,
  ...auditHandlers,
} satisfies Handlers;

const bearer = (header: string | undefined): string | undefined => {
  const match = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(header ?? '');
  return match?.[1];
};

/** `/v1` paths of a route: `{name}` becomes `:name`, and the organization may be named in front. */
const pathsOf = (route: Route): readonly string[] => {
  const path = route.path.replaceAll(/\{([a-z]+)\}/g, ':$1');
  return route.inOrganization ? [`/v1${path}`, `/v1/organizations/:organization${path}`] : [`/v1${path}`];
};

/**
 * The edge, written once: who calls, what is asked, one domain call, one answer. Every route of the
 * contract gets the same way through; a handler is one call.
 */
export const createApp = (house: House): Hono => {
  const app = new Hono();
  const document = createOpenApiDocument();
  const documentText = JSON.stringify(document);

  app.get('/healthz', () => respondText(200, '{"status":"ok"}', ''));
  app.get('/readyz', async () =>
    (await house.isReady())
      ? respondText(200, '{"status":"ready"}', '')
      : respondText(503, '{"status":"unavailable"}', ''),
  );
  app.get('/v1/openapi.json', () => respondText(200, documentText, ''));
  app.get(
    '/docs',
    () =>
      new Response(docsPage, { headers: { ...securityHeaders, 'content-type': 'text/html; charset=utf-8' } }),
  );

  const methodsOfPath = new Map<string, Set<string>>();
  for (const id of Object.keys(routes) as RouteId[]) {
    const route: Route = routes[id];
    const handler = handlers[id] as Handler | OpenHandler;
    for (const path of pathsOf(route)) {
      const known = methodsOfPath.get(path) ?? new Set();
      methodsOfPath.set(path, known.add(route.method));
      app.on(route.method.toUpperCase(), path, async (context) => serve(house, { route, handler }, context));
    }
  }
  for (const [path, methods] of methodsOfPath) {
    app.all(path, (context) => refuseMethod(house, methods, context));
  }
  app.notFound((context) =>
    failWith(house, context, {
      error: new CofferError('not_found', {
        detail: 'There is nothing at this address.',
        hint: 'See /v1/openapi.json.',
      }),
      requestId: createId('event', house.guard.clock.now()),
      route: 'none',
    }),
  );
  return app;
};

const docsPage = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Coffer API</title>
<body><h1>Coffer API</h1><p>The API is described by <a href="/v1/openapi.json">/v1/openapi.json</a> (OpenAPI 3.1).</p></body></html>`;

interface Served {
  readonly route: Route;
  readonly handler: Handler | OpenHandler;
}

const serve = async (house: House, served: Served, context: Context): Promise<Response> => {
  const { route } = served;
  const startedAt = performance.now();
  const requestId = createId('event', house.guard.clock.now()).replace('evt_', 'req_');
  let caller: Caller | undefined;
  try {
    const origin: Origin = { address: clientAddress(context, house.trustedProxy), requestId };
    const params = context.req.param();
    if ('callers' in route.access) {
      const token = bearer(context.req.header('authorization'));
      const organization = params['organization'] ?? null;
      caller = await house.authenticator.authenticate(token, organization, origin);
      refuseKind(route, caller);
    }
    const body = route.body === undefined ? undefined : await readBody(context, house.bodyMaxBytes);
    const query = route.query === undefined ? {} : context.req.query();
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
    const response = failWith(house, context, { error, requestId, route: route.id });
    house.observe({
      route: route.id,
      status: response.status,
      seconds: (performance.now() - startedAt) / 1000,
    });
    return response;
  }
};

const refuseKind = (route: Route, caller: Caller): void => {
  if (!('callers' in route.access) || caller.type === 'operator') return;
  if (route.access.callers.includes(caller.type)) return;
  throw new CofferError('forbidden', {
    detail: 'This kind of credential cannot be used here.',
    hint: 'Use the credential this route is for; /v1/openapi.json says which.',
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
  const accepts = route.headers ?? [];
  const call: Call<never> = {
    house,
    caller,
    params: parsed.params as Record<string, string>,
    query: parsed.query as never,
    body: parsed.body as never,
    expected: accepts.includes('If-Match') ? parseIfMatch(context.req.header('if-match')) : undefined,
    signal: context.req.raw.signal,
  };
  const handler = served.handler as Handler;
  const key = accepts.includes('Idempotency-Key')
    ? parseIdempotencyKey(context.req.header('idempotency-key'))
    : undefined;
  if (key === undefined) return toResponse(route, await handler(call), requestId);
  const asked = {
    route: `${route.id} ${context.req.path}`,
    key,
    body: `${String(call.expected ?? '')} ${request.body ?? ''}`,
    carriesValues: route.carriesValues === true,
  };
  const told = await house.idempotency.once(caller, asked, async () => {
    const reply = await handler(call);
    return { status: route.success.status, body: JSON.stringify(reply) };
  });
  return respondText(told.status, told.body, requestId);
};

const toResponse = (route: Route, reply: Reply, requestId: string): Response => {
  if (reply instanceof Response) return reply;
  if (reply === undefined || route.success.status === 204) return respondEmpty(requestId);
  const text = 'text' in reply && typeof reply.text === 'string' ? reply.text : JSON.stringify(reply);
  return respondText(route.success.status, text, requestId);
};

const refuseMethod = (house: House, methods: ReadonlySet<string>, context: Context): Response => {
  const requestId = createId('event', house.guard.clock.now()).replace('evt_', 'req_');
  const error = new CofferError('method_not_allowed', {
    detail: 'This address does not take this method.',
    hint: `It takes: ${[...methods].map((method) => method.toUpperCase()).join(', ')}.`,
  });
  const response = failWith(house, context, { error, requestId, route: 'none' });
  response.headers.set('allow', [...methods].map((method) => method.toUpperCase()).join(', '));
  return response;
};

/** Errors of ours are told; anything else is logged with its request id and told as `internal`. */
const failWith = (
  house: House,
  context: Context,
  failure: { error: unknown; requestId: string; route: string },
): Response => {
  const { error, requestId, route } = failure;
  const isExpected =
    error instanceof CofferError && error.code !== 'internal' && error.code !== 'root_key_invalid';
  if (!isExpected) {
    const stack = error instanceof Error ? error.stack : undefined;
    house.log.error({ requestId, route, method: context.req.method, stack }, 'request failed');
  }
  return respondError(error, requestId);
};
