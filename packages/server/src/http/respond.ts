import { CofferError, errorTable, type Problem } from '@coffer/contract';

/** Headers of every answer; nothing here is for a browser to keep, frame or run. */
export const securityHeaders = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
} as const;

const jsonHeaders = { ...securityHeaders, 'content-type': 'application/json; charset=utf-8' };
const problemHeaders = { ...securityHeaders, 'content-type': 'application/problem+json; charset=utf-8' };

/** An answer with JSON text that is finished already. */
export const respondText = (status: number, body: string, requestId: string): Response =>
  new Response(body, { status, headers: { ...jsonHeaders, 'x-request-id': requestId } });

/** An answer with a page of HTML, which may load and run nothing. */
export const respondPage = (html: string, requestId: string): Response => {
  const headers = { ...securityHeaders, 'content-type': 'text/html; charset=utf-8' };
  return new Response(html, { headers: { ...headers, 'x-request-id': requestId } });
};

export const respondEmpty = (requestId: string): Response =>
  new Response(null, { status: 204, headers: { ...securityHeaders, 'x-request-id': requestId } });

const toProblem = (error: CofferError, requestId: string): Problem => ({
  type: `https://coffer.dev/errors/${error.code}`,
  code: error.code,
  title: errorTable[error.code].title,
  status: error.statusCode,
  detail: error.message,
  ...(error.hint !== undefined && { hint: error.hint }),
  requestId,
  ...(error.errors.length > 0 && { errors: error.errors.map((item) => ({ ...item })) }),
});

/** Whether the caller is told what happened. All else, codes that never cross HTTP too, is for the log. */
export const isTold = (error: unknown): error is CofferError =>
  error instanceof CofferError && errorTable[error.code].status >= 400 && error.code !== 'internal';

/** The one place where an error becomes an answer. Anything but a `CofferError` says only its request id. */
export const respondError = (error: unknown, requestId: string): Response => {
  const shown = isTold(error)
    ? error
    : new CofferError('internal', {
        detail: 'Something failed inside Coffer; nothing was done.',
        hint: `The server’s log says more under request id ${requestId}.`,
      });
  const problem = toProblem(shown, requestId);
  const headers: Record<string, string> = { ...problemHeaders, 'x-request-id': requestId };
  if (shown.code === 'not_authenticated') headers['www-authenticate'] = 'Bearer realm="coffer"';
  if (shown.code === 'rate_limited') headers['retry-after'] = '60';
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
};
