import { CofferError, type Scope } from '@coffer/contract';
import type { Reading } from '../guard/operation.ts';
import type { Target } from '../guard/rights.ts';
import { describeMissing, describeNotDeleted } from './missing.ts';
import {
  actOf,
  concern,
  enterPlace,
  placeOf,
  targetOf,
  type Intent,
  type Place,
  type PlaceName,
} from './place.ts';
import type { Secret } from './port.ts';

/** One secret, as a request names it: by id, which `scope` may narrow, or by name in a scope. */
export type SecretAddress =
  | { readonly by: 'id'; readonly id: string; readonly scope?: Scope | undefined }
  | { readonly by: 'name'; readonly place: PlaceName; readonly name: string };

export interface Found {
  readonly secret: Secret;
  readonly place: Place;
}

/** A live secret the caller may use so. Throws `forbidden` before it looks, or `secret_not_found`. */
export const findSecret = async (
  reading: Reading,
  address: SecretAddress,
  use: { intent: Intent; slots?: Target['slots'] },
): Promise<Found> => {
  const found = await lookUp(reading, address, use);
  if (found.secret.deletedAt === null) return found;
  throw await describeMissing(reading, found.place, found.secret.name);
};

/** A deleted secret: by its id, or the one deleted last under its name. Throws `secret_exists` where it is not deleted. */
export const findDeletedSecret = async (
  reading: Reading,
  address: SecretAddress,
  use: { intent: Intent; slots?: Target['slots'] },
): Promise<Found> => {
  if (address.by === 'id') {
    const found = await lookUp(reading, address, use);
    if (found.secret.deletedAt !== null) return found;
    throw describeNotDeleted(found.place, found.secret.name);
  }
  const place = await enterPlace(reading, address.place, use);
  reading.concerning({ secretName: address.name });
  const { secrets } = reading.stores;
  const secret = await secrets.findDeletedByName(place.ownerId, address.name);
  if (secret === undefined) {
    const live = await secrets.findByName(place.ownerId, address.name);
    if (live === undefined) throw await describeMissing(reading, place, address.name);
    reading.concerning({ secret: live });
    throw describeNotDeleted(place, address.name);
  }
  reading.concerning({ secret });
  return { secret, place };
};

const lookUp = async (
  reading: Reading,
  address: SecretAddress,
  use: { intent: Intent; slots?: Target['slots'] },
): Promise<Found> => {
  if (address.by === 'name') {
    const place = await enterPlace(reading, address.place, use);
    reading.concerning({ secretName: address.name });
    const secret = await reading.stores.secrets.findByName(place.ownerId, address.name);
    if (secret === undefined) throw await describeMissing(reading, place, address.name);
    reading.concerning({ secret });
    return { secret, place };
  }
  const secret = await reading.stores.secrets.find(reading.organizationId, address.id);
  if (secret === undefined) {
    reading.allowOwn();
    throw new CofferError('secret_not_found', {
      detail: 'The organization has no secret of this id.',
      hint: 'List secrets with their ids: coffer secrets list [agent] --json',
    });
  }
  const place = await placeOf(reading, secret);
  concern(reading, place);
  reading.concerning({ secret });
  await reading.allow(actOf(place, use.intent), targetOf(place, use.slots));
  if (address.scope !== undefined && address.scope !== secret.scope) {
    throw new CofferError('secret_not_found', {
      detail: `The secret of this id belongs to ${ownerWords[secret.scope]}, not to ${ownerWords[address.scope]}.`,
      hint: `Show it with: coffer secrets get --id ${secret.id}; secrets update and secrets delete take --id likewise.`,
    });
  }
  return { secret, place };
};

const ownerWords: Record<Scope, string> = {
  organization: 'the vault',
  project: 'a project',
  agent: 'an agent',
};
