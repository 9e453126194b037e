import { errorTable, Problem, routes, type Route, type RouteId } from '@coffer/contract';
import { OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';

type RouteConfig = Parameters<OpenAPIHono['openAPIRegistry']['registerPath']>[0];
type Responses = RouteConfig['responses'];

const always = [400, 404, 500, 503];

const statusesOf = (route: Route): readonly number[] => {
  const statuses = new Set(always);
  for (const code of route.errors) statuses.add(errorTable[code].status);
  if ('callers' in route.access) for (const status of [401, 403]) statuses.add(status);
  if (route.body !== undefined) for (const status of [413, 415, 422]) statuses.add(status);
  if (route.headers?.includes('Idempotency-Key') === true) statuses.add(409);
  return [...statuses].sort();
};

const responsesOf = (route: Route): Responses => {
  const { status, body } = route.success;
  const responses: Responses = {
    [status]: {
      description: route.summary,
      ...(body !== undefined && { content: { 'application/json': { schema: body } } }),
      ...(body === undefined &&
        status === 200 && { content: { 'text/event-stream': { schema: z.string() } } }),
    },
  };
  for (const problem of statusesOf(route)) {
    responses[problem] = {
      description: 'Refused; the code says why',
      content: { 'application/problem+json': { schema: Problem } },
    };
  }
  return responses;
};

const headerSchemas = {
  'If-Match': z
    .string()
    .regex(/^"\d{1,9}"$/)
    .optional(),
  'Idempotency-Key': z.string().min(1).max(255).optional(),
};

const configOf = (route: Route, prefix: string): RouteConfig => {
  const named = prefix.includes('{organization}') ? { organization: z.string().max(128) } : {};
  const params = z.object({ ...route.params?.shape, ...named });
  const headers = Object.fromEntries((route.headers ?? []).map((name) => [name, headerSchemas[name]]));
  return {
    method: route.method,
    path: `${prefix}${route.path}`,
    operationId: prefix === '/v1' ? route.id : `${route.id}InOrganization`,
    summary: route.summary,
    security: 'callers' in route.access ? [{ bearer: [] }] : [],
    request: {
      ...(Object.keys(params.shape).length > 0 && { params }),
      ...(route.query !== undefined && { query: route.query }),
      ...(Object.keys(headers).length > 0 && { headers: z.object(headers) }),
      ...(route.body !== undefined && {
        body: { required: true, content: { 'application/json': { schema: route.body } } },
      }),
    },
    responses: responsesOf(route),
  };
};

/** The OpenAPI 3.1 document, generated from the contract's route table. */
export const createOpenApiDocument = (): object => {
  const app = new OpenAPIHono();
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  for (const id of Object.keys(routes) as RouteId[]) {
    const route: Route = routes[id];
    app.openAPIRegistry.registerPath(configOf(route, '/v1'));
    if (route.inOrganization) {
      app.openAPIRegistry.registerPath(configOf(route, '/v1/organizations/{organization}'));
    }
  }
  return app.getOpenAPI31Document({ openapi: '3.1.0', info: { title: 'Coffer', version: '1' } });
};
