import { CofferError, isSecretName } from '@coffer/contract';
import { closeNames } from '../close-names.ts';
import type { Reading } from '../guard/operation.ts';
import type { Place } from './place.ts';
import { actOf, targetOf } from './place.ts';

export const wordsOfPlace = (place: Place): string => {
  if (place.agent !== undefined) return `agent ${place.agent.slug}`;
  if (place.project !== undefined) return `project ${place.project.slug}`;
  return 'the organization';
};

/** How a command names the place, before the secret's name. */
export const selectorOf = (place: Place): string => {
  if (place.agent !== undefined) return `${place.agent.slug} `;
  if (place.project !== undefined) return `--project ${place.project.slug} `;
  return '';
};

/**
 * `secret_not_found` with the scope searched, close names, the create command, and whether the secret
 * was deleted and can be restored; a caller without read rights hears only the first.
 */
export const describeMissing = async (reading: Reading, place: Place, name: string): Promise<CofferError> => {
  const shown = isSecretName(name) ? name : 'of this name';
  const detail = `${wordsOfPlace(place)} has no secret ${shown}.`;
  if (!isSecretName(name) || !(await reading.can(actOf(place, 'read'), targetOf(place)))) {
    return new CofferError('secret_not_found', { detail });
  }
  const { stores } = reading;
  const deleted = await stores.secrets.findDeletedByName(place.ownerId, name);
  const near = closeNames(name, await stores.secrets.listNames(place.ownerId));
  const select = selectorOf(place);
  const hints = [
    ...(deleted === undefined
      ? []
      : [`It was deleted; bring it back with: coffer secrets restore ${select}${name}`]),
    ...(near.length === 0 ? [] : [`Close to it: ${near.join(', ')}`]),
    `Create it with: coffer secrets create ${select}${name}`,
  ];
  return new CofferError('secret_not_found', { detail, hint: hints.join('\n') });
};

/** `secret_exists` for a restore of a secret that is not deleted; as by create, its writer learns that it is there. */
export const describeNotDeleted = (place: Place, name: string): CofferError =>
  new CofferError('secret_exists', {
    detail: `The secret ${name} of ${wordsOfPlace(place)} is not deleted, so there is nothing to restore.`,
    hint: `Show it with: coffer secrets get ${selectorOf(place)}${name}`,
  });
