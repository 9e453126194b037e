import { path } from './path.ts';

/** Whose secrets: those of an agent (slug or id), of a project, or the organization's vault. */
export type SecretOwner =
  string | { readonly agent: string } | { readonly project: string } | { readonly organization: true };

export interface SecretById {
  readonly id: string;
}

/** Acts on one secret, given as owner and name or by its id. */
export interface ItemMethod<Rest extends unknown[], Answer> {
  (owner: SecretOwner, name: string, ...rest: Rest): Promise<Answer>;
  (secret: SecretById, ...rest: Rest): Promise<Answer>;
}

export function collectionOf(owner: SecretOwner): string {
  if (typeof owner === 'string') return path`/agents/${owner}/secrets`;
  if ('agent' in owner) return path`/agents/${owner.agent}/secrets`;
  if ('project' in owner) return path`/projects/${owner.project}/secrets`;
  return '/vault/secrets';
}

/** Makes a method of both forms from what is done at the secret's path. */
export function itemOver<Rest extends unknown[], Answer>(
  act: (secret: string, ...rest: Rest) => Promise<Answer>,
): ItemMethod<Rest, Answer> {
  return (place: SecretOwner | SecretById, ...given: unknown[]) => {
    const isById = typeof place === 'object' && 'id' in place;
    const [name, ...rest] = isById ? [undefined, ...given] : given;
    const secret = isById
      ? path`/secrets/${place.id}`
      : `${collectionOf(place)}${path`/${typeof name === 'string' ? name : ''}`}`;
    return act(secret, ...(rest as Rest));
  };
}
