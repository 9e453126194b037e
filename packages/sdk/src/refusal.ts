import {
  CofferError,
  errorTable,
  isErrorCode,
  type ErrorCode,
  type ErrorItem,
} from '@coffer/contract/errors';

/** The error that a refusal's problem document names; undefined where the body is no such document. */
export function findRefusal(status: number, text: string): CofferError | undefined {
  const problem = parseObject(text);
  const { code, detail, hint, requestId, errors } = problem ?? {};
  if (typeof code !== 'string' || typeof detail !== 'string') return undefined;
  return new CofferError(
    isErrorCode(code) ? code : codeOfStatus(status),
    {
      detail,
      ...(typeof hint === 'string' ? { hint } : {}),
      errors: Array.isArray(errors) ? errors.flatMap(readItem) : [],
    },
    typeof requestId === 'string' ? { requestId } : {},
  );
}

/** JSON.parse quotes its input in errors, so the failure is an absence here. */
export function parseJson(text: string): { readonly json: unknown } | undefined {
  try {
    return { json: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  const json = parseJson(text)?.json;
  return isRecord(json) ? json : undefined;
}

const isRecord = (json: unknown): json is Readonly<Record<string, unknown>> =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

function readItem(item: unknown): ErrorItem[] {
  if (!isRecord(item) || typeof item['detail'] !== 'string') return [];
  const { code, path, name, secret, environment, agent, project, detail } = item;
  return [
    {
      ...(typeof code === 'string' && isErrorCode(code) ? { code } : {}),
      ...(typeof path === 'string' ? { path } : {}),
      ...(typeof name === 'string' ? { name } : {}),
      ...(typeof secret === 'string' ? { secret } : {}),
      ...(typeof environment === 'string' ? { environment } : {}),
      ...(typeof agent === 'string' ? { agent } : {}),
      ...(typeof project === 'string' ? { project } : {}),
      detail,
    },
  ];
}

/** What a code means that this SDK is too old to know: the nearest it knows by status. */
function codeOfStatus(status: number): ErrorCode {
  const general: readonly ErrorCode[] = [
    'request_invalid',
    'not_authenticated',
    'forbidden',
    'not_found',
    'payload_too_large',
    'rate_limited',
    'storage_unavailable',
  ];
  const match = general.find((code) => errorTable[code].status === status);
  return match ?? (status >= 500 ? 'internal' : 'request_invalid');
}
