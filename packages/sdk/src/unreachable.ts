import { CofferError } from '@coffer/contract/errors';

/** What a failure to reach the server says; the rest goes by its code. */
const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the host name cannot be looked up now',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  ETIMEDOUT: 'the connection timed out',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to it',
};

/** Of a certificate that no authority known to Node stands behind. */
const untrustedCodes: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);

const resetCodes: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

export const isReset = (failure: unknown): boolean => resetCodes.has(codeOf(failure));

/**
 * The error of a request that got no answer. It has no cause: Node keeps raw bytes of the answer, which
 * may hold values, in the errors of its HTTP parser.
 */
export function unreachable(host: string, failure: unknown, timeoutSeconds: number): CofferError {
  const code = codeOf(failure);
  if (untrustedCodes.has(code)) {
    return new CofferError('server_unreachable', {
      detail: `${host} cannot be reached: its certificate is of no authority that is trusted here (${code}).`,
      hint: 'Name the authority’s certificate, or a self-signed one, as a PEM file in NODE_EXTRA_CA_CERTS.',
    });
  }
  const reason =
    code === 'TimeoutError'
      ? `no answer within ${timeoutSeconds} seconds`
      : (reasons[code] ?? (code === '' ? 'the request failed' : `the request failed (${code})`));
  return new CofferError('server_unreachable', {
    detail: `${host} cannot be reached: ${reason}.`,
    hint: 'Check that the server runs and that the base URL is right.',
  });
}

/** The error of an answer that no Coffer server gives: a redirect, or a body that is not its JSON. */
export const notCoffer = (host: string, answered: string): CofferError =>
  new CofferError('server_unreachable', {
    detail: `${host} answered with ${answered}, as no Coffer server does.`,
    hint: 'Check the base URL, and what stands between here and the server.',
  });

/** An abort wraps its reason, and fetch wraps what happened to the socket. */
function codeOf(failure: unknown): string {
  if (!(failure instanceof Error)) return '';
  if (failure.name === 'TimeoutError') return failure.name;
  const inner = codeOf(failure.cause);
  if (inner !== '') return inner;
  return 'code' in failure && typeof failure.code === 'string' ? failure.code : '';
}
