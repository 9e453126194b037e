import type { Page, PageQuery } from '@coffer/contract';

/** Every item of a paged list, page after page, asking for the next one when the last was used up. */
export const everyItem = <Query extends PageQuery, Item>(list: (query: Query) => Promise<Page<Item>>) =>
  async function* (query: Query): AsyncGenerator<Item, void, undefined> {
    let page = await list(query);
    yield* page.items;
    while (page.nextCursor !== null) {
      page = await list({ ...query, cursor: page.nextCursor });
      yield* page.items;
    }
  };
