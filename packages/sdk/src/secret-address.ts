import type { Scope } from '@coffer/contract';
import { path } from './path.ts';
import type { Request } from './request.ts';

type OwnerFields =
  { readonly agent: string } | { readonly project: string } | { readonly organization: true };

/** Whose secrets: those of an agent (slug or id), of a project, or the organization's vault. */
export type SecretOwner = string | OwnerFields;

export interface SecretById {
  readonly id: string;
  /** Where the secret must belong; one of another scope is `secret_not_found`. */
  readonly scope?: Scope | undefined;
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

/** Asks for something at, or below, the path of one secret. */
export type ItemRequest = <Answer>(
  method: Parameters<Request>[0],
  below: string,
  options?: Parameters<Request>[2],
) => Promise<Answer>;

/** Makes methods of both forms from what is asked about the secret. */
export const itemsOver =
  (request: Request) =>
  <Rest extends unknown[], Answer>(
    act: (ask: ItemRequest, ...rest: Rest) => Promise<Answer>,
  ): ItemMethod<Rest, Answer> =>
  (place: SecretOwner | SecretAddress, ...given: unknown[]) => {
    if (isAddress(place)) return act(itemRequest(request, place), ...(given as Rest));
    const [name, ...rest] = given;
    const owner = typeof place === 'string' ? { agent: place } : place;
    const address = { ...owner, name: typeof name === 'string' ? name : '' };
    return act(itemRequest(request, address), ...(rest as Rest));
  };

const isAddress = (place: SecretOwner | SecretAddress): place is SecretAddress =>
  typeof place === 'object' && ('id' in place || 'name' in place);

function itemRequest(request: Request, address: SecretAddress): ItemRequest {
  if (!('id' in address)) {
    return (method, below, options) => request(method, `${secretOf(address, address.name)}${below}`, options);
  }
  const { id, scope } = address;
  return (method, below, options) =>
    request(method, `${path`/secrets/${id}`}${below}`, { ...options, query: { ...options?.query, scope } });
}
