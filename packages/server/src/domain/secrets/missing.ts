import { CofferError, isSecretName } from '@coffer/contract';
import { distance } from 'fastest-levenshtein';
import type { Reading } from '../guard/operation.ts';
import type { Place } from './place.ts';
import { actOf, targetOf } from './place.ts';

const closestShown = 3;
const farthest = 3;

/** Names near the one that was asked for; one that differs only in case comes first. */
export const closeNames = (asked: string, names: readonly string[]): readonly string[] => {
  const scored = names.map((name) => ({
    name,
    score: name.toLowerCase() === asked.toLowerCase() ? 0 : distance(asked, name),
  }));
  return scored
    .filter(({ score }) => score <= Math.min(farthest, Math.ceil(asked.length / 3)))
    .sort((left, right) => left.score - right.score || (left.name < right.name ? -1 : 1))
    .slice(0, closestShown)
    .map(({ name }) => name);
};

export const wordsOfPlace = (place: Place): string => {
  if (place.agent !== undefined) return `agent ${place.agent.slug}`;
  if (place.project !== undefined) return `project ${place.project.slug}`;
  return 'the organization';
};

const selectorOf = (place: Place): string => {
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
