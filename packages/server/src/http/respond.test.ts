import { CofferError, errorTable, type ErrorCode } from '@coffer/contract';
import { describe, expect, it } from 'vitest';
import { respondEmpty, respondError, respondText, securityHeaders } from './respond.ts';

const requestId = 'req_01JD0000000000000000000000';
const bodyOf = async (response: Response) => (await response.json()) as Record<string, unknown>;
const codes = Object.keys(errorTable) as ErrorCode[];

describe('every answer', () => {
  it('carries the security headers and the request’s id, errors and empty ones too', () => {
    const answers = [
      respondText(200, '{}', requestId),
      respondEmpty(requestId),
      respondError(new Error('unforeseen'), requestId),
      respondError(new CofferError('forbidden', { detail: 'No.' }), requestId),
    ];
    for (const { headers } of answers) {
      expect(headers.get('x-request-id')).toBe(requestId);
      for (const [name, value] of Object.entries(securityHeaders)) expect(headers.get(name)).toBe(value);
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  it('R-112 is not to be kept by anybody on the way', () => {
    expect(respondText(201, '{}', requestId).headers.get('cache-control')).toBe('no-store');
  });
});

describe('an error', () => {
  it.each(codes.filter((code) => errorTable[code].status >= 400 && code !== 'internal'))(
    'R-267 %s is told as problem+json with its title, status and hint',
    async (code) => {
      const error = new CofferError(code, {
        detail: 'What happened.',
        hint: 'What to do.',
        errors: [{ detail: 'One of them', name: 'KEY' }],
      });
      const response = respondError(error, requestId);
      expect(response.status).toBe(errorTable[code].status);
      expect(response.headers.get('content-type')).toContain('application/problem+json');
      expect(await bodyOf(response)).toEqual({
        type: `https://coffer.dev/errors/${code}`,
        code,
        title: errorTable[code].title,
        status: errorTable[code].status,
        detail: 'What happened.',
        hint: 'What to do.',
        requestId,
        errors: [{ detail: 'One of them', name: 'KEY' }],
      });
    },
  );

  it('R-088 that is none of ours, or never crosses HTTP, tells its request id and nothing else', async () => {
    const hidden = codes.filter((code) => errorTable[code].status < 400 || code === 'internal');
    expect(hidden).toContain('usage_error');
    const errors = [
      new Error('the driver said: planted-value'),
      'planted-value',
      undefined,
      ...hidden.map((code) => new CofferError(code, { detail: 'planted-value', hint: 'planted-value' })),
    ];
    for (const error of errors) {
      const response = respondError(error, requestId);
      const body = await bodyOf(response);
      expect(response.status).toBe(500);
      expect(body).toMatchObject({ code: 'internal', requestId });
      expect(JSON.stringify(body)).not.toContain('planted');
    }
  });

  it('says how to authenticate, and when to come back', () => {
    const headersOf = (code: ErrorCode) =>
      respondError(new CofferError(code, { detail: '' }), requestId).headers;
    expect(headersOf('not_authenticated').get('www-authenticate')).toBe('Bearer realm="coffer"');
    expect(headersOf('rate_limited').get('retry-after')).toBe('60');
    expect(headersOf('forbidden').get('www-authenticate')).toBeNull();
  });
});
