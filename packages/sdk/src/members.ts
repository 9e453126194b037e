import type { MemberCreate, MemberRecord, MemberUpdate, Page, PageQuery } from '@coffer/contract';
import { everyItem } from './pages.ts';
import { path } from './path.ts';
import type { CreateOptions, Request } from './request.ts';

export type Members = ReturnType<typeof membersOver>;

/** `member` is an id or an email address. */
export function membersOver(request: Request) {
  const list = (query: PageQuery = {}) => request<Page<MemberRecord>>('GET', '/members', { query });
  return {
    list,
    listAll: (query: PageQuery = {}) => everyItem(list)(query),
    create: (member: MemberCreate, options?: CreateOptions) =>
      request<MemberRecord>('POST', '/members', { ...options, body: member }),
    update: (member: string, changes: MemberUpdate) =>
      request<MemberRecord>('PATCH', path`/members/${member}`, { body: changes }),
    /** Their sessions and API keys stop with the next request. */
    delete: (member: string) => request<undefined>('DELETE', path`/members/${member}`),
  };
}
