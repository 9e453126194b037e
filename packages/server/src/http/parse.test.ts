import { CofferError, routes, type ErrorItem } from '@coffer/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIdempotencyKey, parseIfMatch, parseRequest } from './parse.ts';

const set = routes.setSecretAgent;
const params = { agent: 'bot', name: 'KEY' };
const parse = (body: string | undefined) => parseRequest(set, { params, query: {}, body });

const refusalOf = (act: () => unknown): CofferError => {
  try {
    act();
  } catch (error) {
    if (error instanceof CofferError) return error;
  }
  throw new Error('It was not refused');
};
const itemsOf = (body: string): readonly ErrorItem[] => refusalOf(() => parse(body)).errors;

describe('a body', () => {
  it('that fits comes out as it went in, values to the byte', () => {
    const value = ' "a=b" $X \\n @c#\r\nžluť\u0000 ';
    expect(parse(JSON.stringify({ value, environment: 'staging' })).body).toEqual({
      value,
      environment: 'staging',
    });
  });

  it.each(['', '{', '{"value":"x"', 'value', '{"value":"x"}}', undefined])('%j is not JSON', (body) => {
    expect(refusalOf(() => parse(body))).toMatchObject({
      code: 'request_invalid',
      errors: [{ path: 'body', detail: 'not JSON' }],
    });
  });

  it('R-088 that does not fit is told by path and expectation, never by what was sent', () => {
    const planted = 'planted-value-Xk29';
    for (const body of [
      { value: [planted] },
      { value: { [planted]: planted } },
      { value: 1, [planted]: planted },
      { value: planted, kind: planted },
      { value: planted, exposure: planted, tags: [{ [planted]: 1 }] },
      planted,
      [planted],
      null,
    ]) {
      const refusal = refusalOf(() => parse(JSON.stringify(body)));
      expect(refusal.code).toBe('request_invalid');
      expect(refusal.errors.length).toBeGreaterThan(0);
      expect(JSON.stringify([refusal.message, refusal.hint, refusal.errors])).not.toContain(planted);
    }
  });

  it('R-267 R-283 with a wrong slug or host is told what one looks like', () => {
    for (const body of [
      { value: 'x', environment: 'My Env' },
      { value: 'x', environment: '' },
      { values: { 'My Env': 'x' } },
    ])
      expect(itemsOf(JSON.stringify(body))[0]?.detail).toMatch(
        /lower-case letters, digits and single hyphens/,
      );
    const [host] = itemsOf('{"value":"x","allowedHosts":["not a host!"]}');
    expect(host).toMatchObject({ path: 'body.allowedHosts.0' });
    expect(host?.detail).toMatch(/^expected a host/);
    const slugs = [
      [routes.createAgent, 'body.slug'],
      [routes.createProject, 'body.slug'],
      [routes.createEnvironment, 'body.slug'],
    ] as const;
    for (const [route, path] of slugs) {
      const create = () => parseRequest(route, { params: {}, query: {}, body: '{"slug":"My Bot"}' });
      const [item] = refusalOf(create).errors;
      expect(item?.path).toBe(path);
      expect(item?.detail).toMatch(/^expected lower-case letters/);
    }
  });

  it('R-088 names nothing that was sent, whatever it is', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.json(), (core, json) => {
        const body = JSON.stringify({ value: [core], [core]: JSON.parse(json) as unknown });
        expect(JSON.stringify(itemsOf(body))).not.toContain(core);
      }),
    );
  });

  it('with a field that is not known is refused, and so is a query of that kind', () => {
    expect(itemsOf('{"value":"x","unknown":1}')).toEqual([
      { path: 'body', detail: 'holds a field that is not known here' },
    ]);
    const list = () =>
      parseRequest(routes.listSecretsAgent, {
        params: { agent: 'bot' },
        query: { unknown: '1' },
        body: undefined,
      });
    expect(refusalOf(list)).toMatchObject({ code: 'request_invalid', errors: [{ path: 'query' }] });
  });

  it('with a field given twice is refused, wherever and however it is written', () => {
    for (const body of [
      '{"value":"x","value":"y"}',
      '{"value":"x","value":"x"}',
      '{"value":"x","\\u0076alue":"y"}',
      '{"value":"x","a:\\"b\\\\":{"c":[{"d":1,"d":2}]}}',
      '{"value":"x","__proto__":1,"__proto__":2}',
      '[{"a":1,"a":1}]',
    ])
      expect(itemsOf(body), body).toEqual([{ path: 'body', detail: 'holds a field twice' }]);
    expect(() => parse(' { "value" : "a:b\\\\\\":\\\\" , "environment":"production" } ')).not.toThrow();
  });

  it('is never taken for one with a field given twice where it has none, and always where it has', () => {
    const detailOf = (body: string) => {
      try {
        parse(body);
      } catch (error) {
        return error instanceof CofferError ? error.errors[0]?.detail : undefined;
      }
      return undefined;
    };
    const twice = 'holds a field twice';
    fc.assert(
      fc.property(fc.json(), fc.string(), (json, name) => {
        expect(detailOf(json)).not.toBe(twice);
        const field = JSON.stringify(name);
        expect(detailOf(`{${field}:${json},"inner":[{${field}:1}]}`)).not.toBe(
          name === 'inner' ? undefined : twice,
        );
        expect(detailOf(`{"inner":[{${field}:${json} , ${field} :${json}}]}`)).toBe(twice);
      }),
    );
  });

  it('does not make up for a query that the route does not take', () => {
    const planted = 'planted-value-Xk29';
    const written = () => parseRequest(set, { params, query: { [planted]: planted }, body: '{"value":"x"}' });
    const refusal = refusalOf(written);
    expect(refusal).toMatchObject({
      code: 'request_invalid',
      errors: [{ path: 'query', detail: 'holds a field that is not known here' }],
    });
    expect(JSON.stringify([refusal.message, refusal.hint, refusal.errors])).not.toContain(planted);
  });

  it('names at most twenty faults', () => {
    const entries = Array.from({ length: 50 }, () => ({ name: 1 }));
    const refusal = refusalOf(() =>
      parseRequest(routes.importSecretsAgent, {
        params: { agent: 'bot' },
        query: {},
        body: JSON.stringify({ entries }),
      }),
    );
    expect(refusal.errors).toHaveLength(20);
  });
});

describe('a NUL', () => {
  it('is let through in a value, and refused in every name, label and path', () => {
    expect(() => parse('{"value":"a\\u0000b"}')).not.toThrow();
    for (const body of ['{"value":"x","description":"a\\u0000b"}', '{"value":"x","tags":["a\\u0000"]}'])
      expect(itemsOf(body)).toEqual([{ path: 'body', detail: 'holds a NUL character' }]);
    for (const [place, raw] of [
      ['path', { params: { agent: 'b\0', name: 'KEY' }, query: {} }],
      ['query', { params, query: { a: '\0' } }],
    ] as const)
      expect(refusalOf(() => parseRequest(set, { ...raw, body: '{"value":"x"}' }))).toMatchObject({
        errors: [{ path: place, detail: 'holds a NUL character' }],
      });
  });
});

describe('the headers of a conditional write (R-318)', () => {
  it('R-318 If-Match is a version in quotes', () => {
    expect([parseIfMatch(undefined), parseIfMatch('"0"'), parseIfMatch(' "12" ')]).toEqual([
      undefined,
      0,
      12,
    ]);
    for (const header of ['12', '"x"', 'W/"1"', '*', '""', '"1234567890"'])
      expect(refusalOf(() => parseIfMatch(header))).toMatchObject({
        code: 'request_invalid',
        errors: [{ path: 'header.If-Match' }],
      });
  });

  it('R-318 Idempotency-Key is 1 to 255 characters', () => {
    expect([parseIdempotencyKey(undefined), parseIdempotencyKey('k')]).toEqual([undefined, 'k']);
    for (const header of ['', 'k'.repeat(256)])
      expect(refusalOf(() => parseIdempotencyKey(header)).code).toBe('request_invalid');
  });
});
