import type { KeyCreate, KeyCreated, KeyRecord, Page, PageQuery } from '@coffer/contract';
import { everyItem } from './pages.ts';
import { path } from './path.ts';
import type { CreateOptions, Request } from './request.ts';

export type Keys = ReturnType<typeof keysOver>;

export function keysOver(request: Request) {
  const list = (query: PageQuery = {}) => request<Page<KeyRecord>>('GET', '/keys', { query });
  return {
    list,
    listAll: (query: PageQuery = {}) => everyItem(list)(query),
    /** The answer is the only place that ever shows the key. */
    create: (key: KeyCreate, options?: CreateOptions) =>
      request<KeyCreated>('POST', '/keys', { ...options, body: key }),
    /** `key` is its id, not the key itself. */
    revoke: (key: string) => request<undefined>('DELETE', path`/keys/${key}`),
  };
}
