import { path } from './path.ts';

type OwnerFields =
  { readonly agent: string } | { readonly project: string } | { readonly organization: true };

/** Whose secrets: those of an agent (slug or id), of a project, or the organization's vault. */
export type SecretOwner = string | OwnerFields;

export interface SecretById {
  readonly id: string;
}

/** One secret: `{ id }`, or owner and name in one object, such as `{ agent: 'support-bot', name: 'API_KEY' }`. */
export type SecretAddress = SecretById | (OwnerFields & { readonly name: string });

/** Acts on one secret, given as owner and name, or as one address. */
export interface ItemMethod<Rest extends unknown[], Answer> {
  (owner: SecretOwner, name: string, ...rest: Rest): Promise<Answer>;
  (secret: SecretAddress, ...rest: Rest): Promise<Answer>;
}

export function collectionOf(owner: SecretOwner): string {
  if (typeof owner === 'string') return path`/agents/${owner}/secrets`;
  if ('agent' in owner) return path`/agents/${owner.agent}/secrets`;
  if ('project' in owner) return path`/projects/${owner.project}/secrets`;
  return '/vault/secrets';
}

export const secretOf = (owner: SecretOwner, name: string): string =>
  `${collectionOf(owner)}${path`/${name}`}`;

/** Makes a method of both forms from what is done at the secret's path. */
export function itemOver<Rest extends unknown[], Answer>(
  act: (secret: string, ...rest: Rest) => Promise<Answer>,
): ItemMethod<Rest, Answer> {
  return (place: SecretOwner | SecretAddress, ...given: unknown[]) => {
    if (isAddress(place)) return act(pathOf(place), ...(given as Rest));
    const [name, ...rest] = given;
    return act(secretOf(place, typeof name === 'string' ? name : ''), ...(rest as Rest));
  };
}

const isAddress = (place: SecretOwner | SecretAddress): place is SecretAddress =>
  typeof place === 'object' && ('id' in place || 'name' in place);

const pathOf = (address: SecretAddress): string =>
  'id' in address ? path`/secrets/${address.id}` : secretOf(address, address.name);
