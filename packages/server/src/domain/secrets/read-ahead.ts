import type { SecretSet } from '@coffer/contract';
import type { Operation } from '../guard/operation.ts';
import { heardSince } from '../workloads/record.ts';
import type { SecretAddress } from './find.ts';
import { loadPlace } from './place.ts';
import { fingerprintOf } from './value.ts';

type Values = Pick<SecretSet, 'value' | 'values'>;

const valueFields: ReadonlySet<string> = new Set([
  'environment',
  'value',
  'values',
] satisfies (keyof SecretSet)[]);

/** Whether an input changes nothing of a secret but its values. */
export const writesValuesAlone = (input: object): boolean =>
  Object.keys(input).every((field) => valueFields.has(field));

/** What a write of these values will read. Says nothing to anybody: the write itself decides. */
export const readAheadOfWrite = async (
  operation: Operation,
  address: SecretAddress,
  input: Values,
): Promise<void> => {
  if (address.by === 'id') return;
  const { stores, organizationId } = operation;
  const { secrets, workloads, wrappedKeys } = stores;
  const values = [...(input.value === undefined ? [] : [input.value]), ...Object.values(input.values ?? {})];
  const place = await loadPlace(operation, address.place);
  const [secret] = await Promise.all([
    secrets.findByName(place.ownerId, address.name),
    wrappedKeys.findCurrent(organizationId, 'data'),
  ]);
  if (secret === undefined) {
    await secrets.listCaseVariants(place.ownerId, address.name);
    return;
  }
  await Promise.all([
    secrets.listSlots([secret.id]),
    workloads.listActiveWithSecret(secret.id, heardSince(operation.now)),
    ...values.map(async (value) =>
      secrets.listWithFingerprint(secret.id, await fingerprintOf(operation, secret, value)),
    ),
  ]);
};
