import * as contract from '@coffer/contract';
import type { Route } from '@coffer/contract';
import { writeRecords } from './api-records.ts';
import { code, list, page } from './markdown.ts';
import { describeSchema, type Schema } from './schema-text.ts';

const intro = `# API

Generated from the route table of the contract by \`npm run generate\`. The server has the same as OpenAPI 3.1 at
\`GET /v1/openapi.json\`. \`GET /healthz\` and \`GET /readyz\` need no credential.

- A credential goes in \`Authorization: Bearer TOKEN\`: an API key (\`cfr_key_...\`), a session (\`cfr_ses_...\`) or the token of
  a workload (\`wrk_....cfr_run_...\`).
- A path marked *in organization* also answers at \`/v1/organizations/{organization}/...\`. Without that part the only
  organization of the caller is meant.
- Bodies are JSON, and a field that is not listed is refused. Every answer has \`x-request-id\`.
- A refusal is \`application/problem+json\`; [errors](errors.md) has every code. Every route may answer \`request_invalid\`,
  \`internal\`, \`key_unreadable\` and \`storage_unavailable\`, and every route with a credential \`not_authenticated\` and
  \`forbidden\`; they are not repeated below.
- Lists are pages: \`cursor\` is the \`nextCursor\` of the page before.
- At and below \`/v1/secrets/{secret}\`, the query \`scope=agent\` (\`project\`, \`organization\`) names the secret of this id
  only where it is of that scope; one of another is \`secret_not_found\`.
- \`If-Match: "3"\` writes only if the current version of the value is 3, \`"0"\` only if there is none yet. Where no value
  is written, the value of \`environment\` is meant, else the one for \`*\`, else the only one there is. A request with an
  \`Idempotency-Key\` is done once; repeated within 24 hours, it gets the same answer (of one that carries a key, only the
  id). A route that does not list one of these headers refuses a request with it.
- Only \`POST /v1/workloads\` answers with sealed values. [Rights](rights.md) says who may do what to which target.`;

const routes: readonly Route[] = Object.values(contract.routes);

/** Routes that are one act at several addresses, such as the same write in each scope. */
interface Operation {
  readonly first: Route;
  readonly routes: readonly Route[];
}

const nouns = [
  ['Secrets', /secrets/],
  ['Sessions', /^\/(login|session|whoami)/],
  ['Organizations', /^\/organizations?/],
  ['Members', /^\/members/],
  ['Projects', /^\/projects/],
  ['Environments', /^\/environments/],
  ['Agents', /^\/agents/],
  ['API keys', /^\/keys/],
  ['Policy', /^\/policy/],
  ['Workloads', /^\/workloads/],
  ['Audit', /^\/audit/],
] as const;

const nounOf = ({ path }: Route): string => {
  const noun = nouns.find(([, pattern]) => pattern.test(path));
  if (noun === undefined) throw new Error(`No section of docs/api.md is for ${path}`);
  return noun[0];
};

const operationsOf = (noun: string): Operation[] => {
  const groups = Map.groupBy(
    routes.filter((route) => nounOf(route) === noun),
    ({ method, summary }) => `${method} ${summary}`,
  );
  return [...groups.values()].flatMap((group) =>
    group[0] === undefined ? [] : [{ first: group[0], routes: group }],
  );
};

const callers = { person: 'people', key: 'API keys', workload: 'the workload itself' } as const;

const describeAccess = ({ access }: Route): string => {
  if ('open' in access) return 'anybody, without a credential';
  const right = access.right === 'any' ? '' : ` with the right ${code(access.right)}`;
  return list(
    access.callers.map((caller) => `${callers[caller]}${caller === 'key' ? right : ''}`),
    'and',
  );
};

/** The name that the contract exports this schema under. */
const nameOf = (schema: unknown): string | undefined =>
  Object.entries(contract).find(([, exported]) => exported === schema)?.[0];

const describeBody = (schema: NonNullable<Route['body']>): string => {
  const name = nameOf(schema);
  if (name !== undefined) return `[${name}](#${name.toLowerCase()})`;
  return describeSchema(schema.toJSONSchema({ io: 'input' }) as Schema);
};

const describeQuery = (query: NonNullable<Route['query']>): string => {
  const { properties = {} } = query.toJSONSchema({ io: 'input' }) as Schema;
  return Object.entries(properties)
    .map(([name, schema]) => `${code(name)} (${describeSchema(schema)})`)
    .join(', ');
};

const describeSuccess = ({ success }: Route): string => {
  if (success.status === 204) return '204, no body';
  if (success.body === undefined) return `${success.status}, a stream of server-sent events`;
  return `${success.status}, ${describeSchema(success.body.toJSONSchema() as Schema)}`;
};

const lineOf = ({ method, path, inOrganization }: Route): string =>
  `${method.toUpperCase()} /v1${path}${inOrganization ? '   (in organization)' : ''}`;

const writeOperation = ({ first, routes: all }: Operation): string => {
  const errors = [...new Set(all.flatMap((route) => route.errors))];
  const facts = [
    `May call: ${describeAccess(first)}.`,
    ...(first.headers === undefined ? [] : [`Headers: ${first.headers.map(code).join(', ')}.`]),
    ...(first.query === undefined ? [] : [`Query: ${describeQuery(first.query)}.`]),
    ...(first.body === undefined ? [] : [`Body: ${describeBody(first.body)}.`]),
    `Answer: ${describeSuccess(first)}.`,
    ...(errors.length === 0
      ? []
      : [`Errors: ${errors.map((error) => `[${code(error)}](errors.md#${error})`).join(', ')}.`]),
  ];
  return [
    `### ${first.summary}`,
    `\`\`\`\n${all.map(lineOf).join('\n')}\n\`\`\``,
    facts.map((fact) => `- ${fact}`).join('\n'),
  ].join('\n\n');
};

export const writeApiPage = (): string =>
  page([
    intro,
    ...nouns.flatMap(([noun]) => [`## ${noun}`, ...operationsOf(noun).map(writeOperation)]),
    '## Bodies and records',
    ...writeRecords(routes, nameOf),
  ]);
