/**
 * Every error Coffer answers with. The code is the identity and never changes; titles may. `status`
 * is the HTTP status (0: never crosses HTTP), `exitCode` the command line's, `retry` says whether the
 * same request may succeed later without a change. A code comes with its first thrower.
 */
export const errorTable = {
  internal: { status: 500, exitCode: 1, title: 'Something failed inside Coffer', retry: true },
  usage_error: { status: 0, exitCode: 2, title: 'The command was not understood', retry: false },
  value_required: { status: 0, exitCode: 2, title: 'A value is needed', retry: false },
  file_invalid: { status: 0, exitCode: 2, title: 'The file does not parse', retry: false },
  name_invalid: { status: 422, exitCode: 2, title: 'The name is not valid', retry: false },
  env_name_invalid: {
    status: 422,
    exitCode: 2,
    title: 'The name is not a valid environment variable name',
    retry: false,
  },
  name_reserved: { status: 422, exitCode: 2, title: 'The name is reserved', retry: false },
  value_empty: { status: 422, exitCode: 2, title: 'The value is empty', retry: false },
  value_too_large: { status: 422, exitCode: 2, title: 'The value is too large', retry: false },
  value_invalid: { status: 422, exitCode: 2, title: 'The value cannot be used here', retry: false },
  field_immutable: { status: 422, exitCode: 2, title: 'This field cannot be changed', retry: false },
  kind_change_needs_value: {
    status: 422,
    exitCode: 2,
    title: 'The change of kind needs new values',
    retry: false,
  },
  value_reused: { status: 422, exitCode: 2, title: 'The value was used before', retry: false },
  policy_unavailable: { status: 422, exitCode: 2, title: 'No such policy switch or value', retry: false },
  request_invalid: { status: 400, exitCode: 2, title: 'The request does not fit the contract', retry: false },
  method_not_allowed: { status: 405, exitCode: 2, title: 'The method is not allowed here', retry: false },
  payload_too_large: { status: 413, exitCode: 2, title: 'The request is too large', retry: false },
  unsupported_media_type: { status: 415, exitCode: 2, title: 'The body must be JSON', retry: false },
  not_authenticated: { status: 401, exitCode: 3, title: 'Not logged in', retry: false },
  forbidden: { status: 403, exitCode: 4, title: 'Not allowed', retry: false },
  run_forbidden: { status: 403, exitCode: 4, title: 'Not allowed to start this agent here', retry: false },
  not_found: { status: 404, exitCode: 5, title: 'There is nothing at this address', retry: false },
  secret_not_found: { status: 404, exitCode: 5, title: 'Secret not found', retry: false },
  version_not_found: { status: 404, exitCode: 5, title: 'Version not found', retry: false },
  agent_not_found: { status: 404, exitCode: 5, title: 'Agent not found', retry: false },
  project_not_found: { status: 404, exitCode: 5, title: 'Project not found', retry: false },
  organization_not_found: { status: 404, exitCode: 5, title: 'Organization not found', retry: false },
  environment_not_found: { status: 404, exitCode: 5, title: 'Environment not found', retry: false },
  member_not_found: { status: 404, exitCode: 5, title: 'Member not found', retry: false },
  key_not_found: { status: 404, exitCode: 5, title: 'API key not found', retry: false },
  workload_not_found: { status: 404, exitCode: 5, title: 'Workload not found', retry: false },
  secret_exists: { status: 409, exitCode: 6, title: 'A secret of this name exists', retry: false },
  agent_exists: { status: 409, exitCode: 6, title: 'An agent of this slug exists', retry: false },
  project_exists: { status: 409, exitCode: 6, title: 'A project of this slug exists', retry: false },
  environment_exists: { status: 409, exitCode: 6, title: 'An environment of this slug exists', retry: false },
  member_exists: { status: 409, exitCode: 6, title: 'This person is a member already', retry: false },
  environment_in_use: { status: 409, exitCode: 6, title: 'The environment is in use', retry: false },
  project_in_use: { status: 409, exitCode: 6, title: 'The project is in use', retry: false },
  member_in_use: { status: 409, exitCode: 6, title: 'The member still owns something', retry: false },
  last_value: { status: 409, exitCode: 6, title: 'This is the only value of the secret', retry: false },
  idempotency_conflict: {
    status: 409,
    exitCode: 6,
    title: 'The idempotency key was used for another request',
    retry: false,
  },
  version_conflict: { status: 412, exitCode: 6, title: 'The version is not the expected one', retry: false },
  env_unresolved: { status: 422, exitCode: 7, title: 'The start could not be resolved', retry: false },
  no_value_for_environment: {
    status: 422,
    exitCode: 7,
    title: 'No value for this environment',
    retry: false,
  },
  env_too_large: { status: 422, exitCode: 7, title: 'The environment is too large', retry: false },
  value_unreadable: { status: 500, exitCode: 1, title: 'A stored value does not open', retry: false },
  key_unreadable: { status: 500, exitCode: 1, title: 'A stored key does not open', retry: false },
  storage_unavailable: { status: 503, exitCode: 8, title: 'Storage is not available', retry: true },
  server_unreachable: { status: 0, exitCode: 8, title: 'Coffer cannot be reached', retry: true },
  rate_limited: { status: 429, exitCode: 9, title: 'Too many requests', retry: true },
  root_key_invalid: { status: 0, exitCode: 1, title: 'The root key is missing or wrong', retry: false },
  database_too_new: { status: 0, exitCode: 1, title: 'The database is of a newer Coffer', retry: false },
  audit_chain_broken: { status: 200, exitCode: 10, title: 'The audit chain does not verify', retry: false },
} as const;

export type ErrorCode = keyof typeof errorTable;

/** One finding of an error that lists several: which variable, secret and environment, and why. Never a value. */
export interface ErrorItem {
  readonly code?: ErrorCode;
  readonly path?: string;
  readonly name?: string;
  readonly secret?: string;
  readonly environment?: string;
  /** Whose secret it is; neither of one of the organization. */
  readonly agent?: string;
  readonly project?: string;
  readonly detail: string;
}

/** Everything an error says; public by construction, so never a value, an input or an internal reason. */
export interface ErrorDetails {
  /** One sentence that names the secret, environment and consumer concerned. */
  readonly detail: string;
  /** What to do next. */
  readonly hint?: string;
  readonly errors?: readonly ErrorItem[];
}

/** The one error class of server, SDK and command line. Branch on `code`, never on the message. */
export class CofferError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly errors: readonly ErrorItem[];
  readonly requestId: string | undefined;

  constructor(code: ErrorCode, details: ErrorDetails, origin: { cause?: unknown; requestId?: string } = {}) {
    super(details.detail, origin.cause === undefined ? undefined : { cause: origin.cause });
    this.name = 'CofferError';
    this.code = code;
    this.hint = details.hint;
    this.errors = details.errors ?? [];
    this.requestId = origin.requestId;
  }

  get statusCode(): number {
    return errorTable[this.code].status;
  }

  get exitCode(): number {
    return errorTable[this.code].exitCode;
  }
}

export const isErrorCode = (text: string): text is ErrorCode => Object.hasOwn(errorTable, text);
