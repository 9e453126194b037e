import { CofferError, conditionHeaders, type ErrorItem, type Route } from '@coffer/contract';
import { z } from 'zod';
import { countFields, countFieldsInText } from './json-fields.ts';

const collectFields = (schema: unknown, fields: Set<string>): void => {
  if (typeof schema !== 'object' || schema === null) return;
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'properties') for (const field of Object.keys(value as object)) fields.add(field);
    collectFields(value, fields);
  }
};

/** The field names a schema knows; any other part of a path was sent, and may be a value. */
const fieldsOf = (schema: z.ZodType): ReadonlySet<string> => {
  const fields = new Set<string>();
  collectFields(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), fields);
  return fields;
};

const describe = (
  schema: z.ZodType,
  place: string,
  issues: readonly z.core.$ZodIssue[],
): readonly ErrorItem[] => {
  const fields = fieldsOf(schema);
  const isKnown = (part: PropertyKey): boolean => typeof part === 'number' || fields.has(String(part));
  return issues.slice(0, 20).map((issue) => ({
    path: [place, ...issue.path.map((part) => (isKnown(part) ? String(part) : '…'))].join('.'),
    detail: wordsOf(issue),
  }));
};

const unknownField = 'holds a field that is not known here';
const givenTwice = 'holds a field twice';

/** Says what was expected; what was sent is never repeated, as it may be a value. */
const wordsOf = (issue: z.core.$ZodIssue): string => {
  if (issue.code === 'invalid_type') return `expected ${issue.expected}`;
  if (issue.code === 'too_big') return `at most ${String(issue.maximum)}`;
  if (issue.code === 'too_small') return `at least ${String(issue.minimum)}`;
  if (issue.code === 'unrecognized_keys') return unknownField;
  if (issue.code === 'invalid_value') return `one of: ${issue.values.map(String).join(', ')}`;
  // The contract’s own words, which stand beside the pattern; zod’s name the format, never the input.
  if (issue.code === 'invalid_format') return issue.message;
  if (issue.code === 'invalid_key') return issue.issues.map(wordsOf).join(', ');
  if (issue.code === 'invalid_union')
    return issue.errors.flatMap(([first]) => (first === undefined ? [] : [wordsOf(first)])).join(', or ');
  return 'not in an accepted form';
};

const invalid = (errors: readonly ErrorItem[]): CofferError =>
  new CofferError('request_invalid', {
    detail: 'The request does not fit the contract.',
    hint: 'Compare it with /v1/openapi.json.',
    errors,
  });

const parseWith = (schema: z.ZodType, place: string, input: unknown): unknown => {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw invalid(describe(schema, place, parsed.error.issues));
};

const nul = '\0';

/** Whether text holds a NUL outside of a value: no name or label has one, and PostgreSQL stores none. */
const holdsNul = (input: unknown): boolean => {
  const left: unknown[] = [input];
  while (left.length > 0) {
    const part = left.pop();
    if (typeof part === 'string' && part.includes(nul)) return true;
    if (typeof part !== 'object' || part === null) continue;
    for (const [key, inner] of Object.entries(part)) {
      if (key.includes(nul)) return true;
      if (key !== 'value' && key !== 'values') left.push(inner);
    }
  }
  return false;
};

const refuseNul = (place: string, input: unknown): void => {
  if (holdsNul(input)) throw invalid([{ path: place, detail: 'holds a NUL character' }]);
};

/** The query of a URL by name. A parameter given twice is refused, as a field of a body is. */
export const parseQuery = (url: string): Readonly<Record<string, string>> => {
  const at = url.indexOf('?');
  if (at === -1) return {};
  const given = new URLSearchParams(url.slice(at));
  const query = Object.fromEntries(given);
  if (Object.keys(query).length !== given.size) throw invalid([{ path: 'query', detail: givenTwice }]);
  return query;
};

const refuseQuery = (query: Readonly<Record<string, string>>): Parsed['query'] => {
  if (Object.keys(query).length > 0) throw invalid([{ path: 'query', detail: unknownField }]);
  return query;
};

export interface Parsed {
  readonly params: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

/** The parts of a request, checked against its route. Throws `request_invalid`, naming paths only. */
export const parseRequest = (
  route: Route,
  raw: {
    params: Readonly<Record<string, string>>;
    query: Readonly<Record<string, string>>;
    body: string | undefined;
  },
): Parsed => {
  refuseNul('path', raw.params);
  refuseNul('query', raw.query);
  const json = route.body === undefined ? undefined : parseJson(raw.body);
  // In JSON text a NUL is always written as this escape.
  if (raw.body?.includes('\\u0000') === true) refuseNul('body', json);
  return {
    params: (route.params === undefined
      ? {}
      : parseWith(route.params, 'path', raw.params)) as Parsed['params'],
    query:
      route.query === undefined
        ? refuseQuery(raw.query)
        : (parseWith(route.query.strict(), 'query', raw.query) as Parsed['query']),
    body: route.body === undefined ? undefined : parseWith(route.body, 'body', json),
  };
};

/** Strict JSON: a field given twice is refused, as `JSON.parse` would keep the last without a word. */
const parseJson = (text: string | undefined): unknown => {
  let json: unknown;
  try {
    json = JSON.parse(text ?? '');
  } catch {
    throw invalid([{ path: 'body', detail: 'not JSON' }]);
  }
  if (countFieldsInText(text ?? '') !== countFields(json))
    throw invalid([{ path: 'body', detail: givenTwice }]);
  return json;
};

/** A condition that is not looked at would be taken for one that holds: a header is honoured or refused. */
export const refuseHeaders = (route: Route, header: (name: string) => string | undefined): void => {
  const refused = conditionHeaders.filter(
    (name) => route.headers?.includes(name) !== true && header(name) !== undefined,
  );
  if (refused.length === 0) return;
  const names = refused.join(' and ');
  throw new CofferError('request_invalid', {
    detail: `${route.method.toUpperCase()} /v1${route.path} does not take ${names}; nothing was done.`,
    hint: `Send it without ${names}; /v1/openapi.json says which routes take it.`,
    errors: refused.map((name) => ({ path: `header.${name}`, detail: 'not taken by this route' })),
  });
};

/** The version a write expects, from `If-Match: "3"`; `"0"` means none yet. */
export const parseIfMatch = (header: string | undefined): number | undefined => {
  if (header === undefined) return undefined;
  const match = /^"(\d{1,9})"$/.exec(header.trim());
  if (match === null)
    throw invalid([{ path: 'header.If-Match', detail: 'expected a version in quotes, such as "3"' }]);
  return Number(match[1]);
};

export const parseIdempotencyKey = (header: string | undefined): string | undefined => {
  if (header === undefined) return undefined;
  if (header.length < 1 || header.length > 255) {
    throw invalid([{ path: 'header.Idempotency-Key', detail: '1 to 255 characters' }]);
  }
  return header;
};
