import type { ErrorCode } from '@coffer/contract';

/** When each code is answered, and what helps. Titles come from the error table. */
export const errorOccasions: Readonly<Record<ErrorCode, string>> = {
  internal:
    'Something failed that Coffer does not foresee. Nothing was done. The server’s log has more under the request id.',
  usage_error:
    'The command line or a setting of the server was not understood. The hint shows the form of the command, or what to do instead.',
  value_required:
    'No value was given, and there is no terminal to ask on. Use `--value-file -` and pipe it in.',
  file_invalid:
    'A file that was named does not parse: a `.env` file, a settings file, `coffer.json`, a backup, the audit head file. Of a `.env` file the message has the line, never its text. A `.env` or value file that cannot be opened is `usage_error`, which names its path and why (`ENOENT`).',
  name_invalid:
    'A name or slug has characters that it may not have. The hint gives the nearest valid one where there is one.',
  env_name_invalid:
    'A secret of an agent or project needs a valid name of an environment variable: letters, digits and `_`, not a digit first.',
  name_reserved:
    'A variable of this name would change how the process itself runs (`PATH`, `LD_*`, `NODE_OPTIONS`, `COFFER_*` and others).',
  value_empty:
    'An empty value was given. To remove a value, remove the secret or its value for one environment.',
  value_too_large: 'A value is at most 32 KiB of UTF-8.',
  value_invalid:
    'The value holds a NUL character or text that UTF-8 cannot carry, or the change of exposure or hosts needs the value again.',
  field_immutable: 'Name and scope of a secret cannot be changed. Create another secret.',
  kind_change_needs_value:
    'A secret becomes a variable only together with a new value for each environment that has one.',
  value_reused:
    'The value equals the current or an earlier one of this secret in this environment, and policy `reused_value` is `error`. Of an import, the other entries are written.',
  policy_unavailable:
    'The policy has no such switch, does not take this value, or this release does not carry the value out yet.',
  request_invalid:
    'Path, query, header or body does not fit the contract: a field is missing, not in its form, not known here or given twice. `errors` names each place, on the command line by its word or option. Also: several organizations are possible and none is named.',
  method_not_allowed: 'The address exists but does not take this method.',
  payload_too_large: 'The body is larger than the server takes.',
  unsupported_media_type: 'The body is not `application/json`.',
  not_authenticated:
    'There is no credential, or it is unknown, ended, expired or revoked. The answer does not say which.',
  forbidden:
    'This caller may not do this. Where absent and forbidden must not be told apart, both answer so.',
  run_forbidden:
    'This caller may not start this agent in this environment, or policy `unmasked_runs` does not allow an unmasked run there.',
  not_found: 'No route has this address.',
  secret_not_found: 'There is no secret of this name or id in this scope, or the caller may not know of it.',
  version_not_found: 'The value has no version of this number, or its bytes are destroyed.',
  agent_not_found: 'There is no agent of this slug or id, or it is not of this organization.',
  project_not_found: 'There is no project of this slug or id.',
  organization_not_found: 'There is no such organization, or the caller does not belong to it.',
  environment_not_found: 'There is no environment of this slug. The message lists those there are.',
  member_not_found: 'There is no member of this email or id.',
  key_not_found: 'There is no API key of this id that the caller may see.',
  workload_not_found: 'There is no workload of this id that the caller may see.',
  secret_exists: 'The name is taken in this scope. `--overwrite` or `set` writes a new version.',
  agent_exists:
    'Another agent has the slug, also where a deleted one is restored. A slug is free again once its agent is deleted.',
  project_exists: 'The slug is taken.',
  environment_exists: 'The slug is taken.',
  member_exists: 'The person is a member already.',
  environment_in_use:
    'Values or API keys name this environment, or it is the default. The message lists what uses it.',
  project_in_use: 'Agents or secrets are still in the project.',
  member_in_use: 'The member is the only owner, or still owns agents.',
  last_value: 'The last value of a secret only goes with the secret.',
  idempotency_conflict:
    'The `Idempotency-Key` was used for another request, or that request is still running.',
  version_conflict: 'The current version is not the one named in `If-Match`. Read it again, then decide.',
  env_unresolved:
    'One or more variables of the start have no value. `errors` lists every one, and every one whose stored value does not open. Nothing was started.',
  no_value_for_environment: 'The secret has no value in this environment. The hint lists where it has one.',
  env_too_large: 'Names and values together exceed what one process takes (`--environment-max-bytes`).',
  value_unreadable:
    'A stored value was changed or moved outside Coffer, or its key is gone. Nothing was delivered or written. `errors` names each, the trail has the attempt, and the server’s log has it for the operator. From `coffer server rotate-data-key`: what is named was left as it was, and everything else is sealed again.',
  key_unreadable:
    'A key of the organization, which the root key wraps, was changed or removed outside Coffer, or is under a root key that this server was not given. Nothing was delivered or written, and the server’s log has it. What its operator does: [operations](operations.md#when-a-key-does-not-open).',
  storage_unavailable:
    'The database cannot be reached, is full or read-only. Nothing was done. The same request may succeed later.',
  server_unreachable: 'The command line cannot reach the server at `COFFER_URL`.',
  rate_limited: 'Too many attempts from here. `Retry-After` says how long to wait.',
  root_key_invalid:
    'The server’s root key is missing, malformed, writable by others, inside the data directory, or not the one of this database.',
  database_too_new: 'A newer release of Coffer wrote this database. Use that release, or restore a backup.',
  audit_chain_broken:
    '`coffer audit verify` found an event that was changed, removed, reordered or cut off. See [operations](operations.md#when-audit-verify-fails).',
};
