import { CofferError, type SecretSet } from '@coffer/contract';
import { getSlot } from '../environments/manage.ts';
import type { Operation } from '../guard/operation.ts';
import type { Secret, VersionChange } from './port.ts';
import { checkValue } from './value.ts';
import type { SlotWrite } from './write.ts';

type ValueFields = Pick<SecretSet, 'environment' | 'value' | 'values'>;

/** The value slots a body writes, before anything is loaded: what the guard decides about. */
export const slotsOf = (input: ValueFields): readonly string[] => [
  ...(input.value === undefined ? [] : [input.environment ?? '*']),
  ...Object.keys(input.values ?? {}),
];

/** The values of a body, checked, with their slots resolved. */
export const plannedWrites = async (
  operation: Operation,
  input: ValueFields,
  use: { scope: Secret['scope']; change: VersionChange },
): Promise<readonly SlotWrite[]> => {
  const pairs: (readonly [string, string])[] = Object.entries(input.values ?? {});
  if (input.value !== undefined) pairs.push([input.environment ?? '*', input.value]);
  const writes = new Map<string, SlotWrite>();
  for (const [slot, value] of pairs) {
    checkValue(value, use.scope);
    const environment = await getSlot(operation, slot);
    writes.set(environment, { environment, value, change: use.change });
  }
  return [...writes.values()];
};

export const valueMissing = (): CofferError =>
  new CofferError('value_empty', {
    detail: 'A secret needs a value.',
    hint: 'Give value, or values by environment.',
  });
