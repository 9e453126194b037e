import { CofferError } from '@coffer/contract/errors';
import type { SecretChanges } from '@coffer/sdk';

type ValueChanges = Pick<SecretChanges, 'environment' | 'value' | 'values'>;

/** The server names the values that are missing; what was given has to be given again with them. */
export function withValuesHint(failure: unknown, changes: ValueChanges): unknown {
  if (!(failure instanceof CofferError) || failure.code !== 'kind_change_needs_value') return failure;
  const { message, errors, requestId } = failure;
  const given = changes.value === undefined ? [] : [changes.environment ?? '*'];
  const missing = errors.flatMap(({ environment }) => environment ?? []);
  const all = [...given, ...Object.keys(changes.values ?? {}), ...missing];
  const words = all.map((slot) => `--value-for '${slot}=TEXT'`).join(' ');
  return new CofferError(
    failure.code,
    {
      detail: message,
      hint: `Give all in one command: coffer secrets update ... --plain ${words}. Earlier versions stay sealed.`,
      errors,
    },
    requestId === undefined ? {} : { requestId },
  );
}
