import { CofferError, routes, type Route, type RouteId } from '@coffer/contract';
import { Hono, type Context } from 'hono';
import { TrieRouter } from 'hono/router/trie-router';
import type { House } from './context.ts';
import type { Handler, Handlers, OpenHandler } from './handlers.ts';
import { createOpenApiDocument } from './openapi.ts';
import { respondPage, respondText } from './respond.ts';
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
import { failWith, newRequestId, serveRoute } from './serve-route.ts';

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

  app.get('/healthz', () => respondText(200, '{"status":"ok"}', newRequestId(house)));
  app.get('/readyz', async () =>
    (await house.isReady())
      ? respondText(200, '{"status":"ready"}', newRequestId(house))
      : respondText(503, '{"status":"unavailable"}', newRequestId(house)),
  );
  app.get('/v1/openapi.json', () => respondText(200, documentText, newRequestId(house)));
  app.get('/docs', () => respondPage(docsPage, newRequestId(house)));

  // Beside the routes, and asked only where none matched: a request pays for one match alone.
  const knownPaths = new TrieRouter<Set<string>>();
  const methodsOfPath = new Map<string, Set<string>>();
  for (const id of Object.keys(routes) as RouteId[]) {
    const route: Route = routes[id];
    const handler = handlers[id] as Handler | OpenHandler;
    const served = { route, handler };
    for (const path of pathsOf(route)) {
      const method = route.method.toUpperCase();
      const methods = methodsOfPath.get(path) ?? new Set();
      if (methods.size === 0) knownPaths.add('ALL', path, methods);
      methodsOfPath.set(path, methods.add(method));
      app.on(method, path, (context) => serveRoute(house, served, context));
    }
  }
  app.notFound((context) => {
    const [known] = knownPaths.match('ALL', context.req.path);
    const methods = new Set(known.flatMap(([names]) => [...names]));
    return methods.size === 0 ? refusePath(house, context) : refuseMethod(house, methods, context);
  });
  return app;
};

const docsPage = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Coffer API</title>
<body><h1>Coffer API</h1><p>The API is described by <a href="/v1/openapi.json">/v1/openapi.json</a> (OpenAPI 3.1).</p></body></html>`;

const refusePath = (house: House, context: Context): Response =>
  failWith(house, context, {
    error: new CofferError('not_found', {
      detail: 'There is nothing at this address.',
      hint: 'See /v1/openapi.json.',
    }),
    requestId: newRequestId(house),
    route: 'none',
  });

const refuseMethod = (house: House, methods: ReadonlySet<string>, context: Context): Response => {
  const requestId = newRequestId(house);
  const error = new CofferError('method_not_allowed', {
    detail: 'This address does not take this method.',
    hint: `It takes: ${[...methods].join(', ')}.`,
  });
  const response = failWith(house, context, { error, requestId, route: 'none' });
  response.headers.set('allow', [...methods].join(', '));
  return response;
};
